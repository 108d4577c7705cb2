/**
 * What `oee check --events` finds in a sample of events, read with a plant: how many there are of each type, what is
 * refused, and what is passed over. An analysis looks at each event and has its lines at the end; more of them go into
 * `ANALYSES`.
 */
import {
  EventDecoder,
  isRefusal,
  NO_FIELDS,
  type Plant,
  type PlantEvent,
  type Refusal,
  UnknownFields,
} from "@oee/model";
import { counted } from "./output/for-people.ts";
import { unknownFieldLines } from "./output/unknown-field-lines.ts";
import { withoutZoneLines } from "./output/without-zone-line.ts";
import { originalOf } from "./replay-input.ts";
import { readEvents } from "./reading/read-events.ts";
import type { Refusals } from "./refusals.ts";
import { SampleMachines } from "./sample-machines.ts";
import { SampleOutcomes } from "./sample-outcomes.ts";
import { UnmappedStates } from "./unmapped-states.ts";

export interface Analysis {
  /** `unknownFields`: names of the fields that the event passes over. */
  take(event: PlantEvent, unknownFields: readonly string[]): void;
  /** What it found, each on a line of its own; none where there is nothing to tell. */
  lines(): readonly string[];
}

class Kinds implements Analysis {
  readonly #counts = new Map<string, number>();

  take({ type }: PlantEvent): void {
    const wire = type === "total" ? "count" : type;
    this.#counts.set(wire, (this.#counts.get(wire) ?? 0) + 1);
  }

  lines(): readonly string[] {
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    return [`${counted(all, "event")}: ${[...this.#counts].map(([type, count]) => `${count} ${type}`).join(", ")}`];
  }
}

class PassedOver implements Analysis {
  readonly #fields = new UnknownFields();

  take(event: PlantEvent, unknownFields: readonly string[]): void {
    if (unknownFields !== NO_FIELDS) this.#fields.add(event.type, unknownFields);
  }

  lines(): readonly string[] {
    return unknownFieldLines(this.#fields);
  }
}

const ANALYSES: readonly ((plant: Plant) => Analysis)[] = [
  () => new Kinds(),
  () => new PassedOver(),
  (plant) => new SampleMachines(plant),
  (plant) => new SampleOutcomes(plant),
];

/** The lines of all analyses of a file's events. Throws `Failure` where the file cannot be read. */
export async function checkEvents(file: string, plant: Plant, refusals: Refusals): Promise<readonly string[]> {
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const analyses = ANALYSES.map((make) => make(plant));
  const withoutZone: string[] = [];
  const unmapped = new UnmappedStates();
  const refuse = (refusal: Refusal, number: number, event: () => unknown): void => {
    unmapped.take(refusal);
    refusals.add(refusal, file, number, event);
  };
  const take = (event: PlantEvent): void => {
    for (const analysis of analyses) analysis.take(event, decoder.unknownFields);
  };
  await readEvents(
    file,
    {
      line: (bytes, start, end, number) => {
        const decoded = decoder.decode(bytes, start, end, null);
        if (isRefusal(decoded)) refuse(decoded, number, () => originalOf(bytes.subarray(start, end)));
        else take(decoded);
      },
      lineRefused: (refusal, number) => refuse(refusal, number, () => null),
      row: (row, number) => {
        const decoded = decoder.decodeValue(row, null);
        if (isRefusal(decoded)) refuse(decoded, number, () => row);
        else take(decoded);
      },
      withoutZone: (columns) => withoutZone.push(...withoutZoneLines(file, columns)),
    },
    () => undefined,
  );
  return [...withoutZone, ...analyses.flatMap((analysis) => analysis.lines()), ...unmapped.lines()];
}
