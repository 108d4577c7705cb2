/** What answers of the review read from, and stored events as the present plant file understands them. */
import type { PlantModel } from "@oee/engine";
import {
  type CorrectionEvent,
  EventDecoder,
  isRefusal,
  type Machine,
  type ParsePlant,
  type Plant,
  type PlantEvent,
} from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { RecordedRefusals } from "@oee/review";
import type { EventRecord, Store } from "@oee/store";
import type { CellSources } from "./cell-sums.ts";
import type { LastHeard, StoredFacts } from "./stored-facts.ts";

export interface FactSources extends CellSources {
  readonly store: Pick<
    Store,
    | "sums"
    | "gaps"
    | "stops"
    | "pareto"
    | "stopReasons"
    | "longestStops"
    | "machinesSeen"
    | "silences"
    | "latencies"
    | "corrections"
    | "periodsAbove1"
    | "countDoubts"
    | "lateEvents"
    | "events"
    | "eventsBefore"
    | "stateEvents"
    | "statesAround"
    | "plantVersions"
    | "plantFile"
  >;
  readonly parsePlant?: ParsePlant;
  readonly refusals: RecordedRefusals;
  readonly lastHeard?: LastHeard;
}

/** How many events before an instant are read for what they began: of states the state and reason, of counts the totals. */
export const EVENTS_BEFORE = 100;

/** Reads all corrections of some machines, in the order of the log. */
export async function loadCorrections(
  { store, turnstile }: FactSources,
  model: PlantModel,
  facts: StoredFacts,
  machines: Iterable<Machine>,
): Promise<void> {
  const decoder = decoderOf(model.plant);
  const giveWay = new GiveWay();
  const all = new Map<Machine, CorrectionEvent[]>([...machines].map((machine) => [machine, []]));
  const ids = [...all.keys()].map(({ id }) => id);
  for (const record of await turnstile.run(() => store.corrections(ids))) {
    for (const event of decoded(decoder, [record])) {
      if (event.type === "correction") all.get(event.machine)?.push(event);
    }
    if (giveWay.due) await giveWay.now();
  }
  for (const [machine, own] of all) facts.corrections.set(machine, own);
}

/** One decoder for each plant: for thousands of machines it takes a while to make. */
const decoders = new WeakMap<Plant, EventDecoder>();

export function decoderOf(plant: Plant): EventDecoder {
  let decoder = decoders.get(plant);
  if (decoder === undefined) decoders.set(plant, (decoder = new EventDecoder(plant, { maxFutureMs: 0 })));
  return decoder;
}

/** The events of stored records; those that the present plant file refuses are passed over. */
export function decoded(decoder: EventDecoder, records: readonly EventRecord[]): readonly PlantEvent[] {
  return records.flatMap(({ raw }) => {
    const event = decoder.decodeValue(JSON.parse(raw), null);
    return isRefusal(event) ? [] : [event];
  });
}
