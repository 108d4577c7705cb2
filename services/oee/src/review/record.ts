/**
 * The record of a plant as files of events give it, for reviews: every machine's events, and what was refused. A record
 * can be cut after so many lines, which is how far it was known when something was frozen or presented.
 */
import { PlantModel } from "@oee/engine";
import {
  EventDecoder,
  instantIn,
  isRefusal,
  type Machine,
  type Plant,
  type PlantEvent,
  type Refusal,
} from "@oee/model";
import { type EntryBook, HistoryFacts, RecordedMachine, RecordedRefusals, refusalOfClosed } from "@oee/review";
import { withoutZoneLines } from "../output/without-zone-line.ts";
import { originalOf } from "../replay-input.ts";
import { readEvents } from "../reading/read-events.ts";

export interface RecordAccount {
  readonly accepted: number;
  readonly repeats: number;
  readonly refused: ReadonlyMap<string, number>;
}

export class Record {
  readonly #model: PlantModel;
  readonly #today: Plant;
  readonly #closings: EntryBook;
  readonly #machines = new Map<Machine, RecordedMachine>();
  readonly #refusals = new RecordedRefusals();
  readonly #refused = new Map<string, number>();
  #accepted = 0;
  #repeats = 0;
  /** A line for each file whose instants have no time zone. */
  readonly withoutZone: string[] = [];
  #last = -Infinity;

  /** `today`: the plant whose file says how events are read; machines that are gone have none. */
  constructor(plant: Plant, today: Plant, closings: EntryBook) {
    this.#model = new PlantModel(plant);
    this.#today = today;
    this.#closings = closings;
  }

  get account(): RecordAccount {
    return { accepted: this.#accepted, repeats: this.#repeats, refused: this.#refused };
  }

  /** The instant of the newest event, corrections aside; `-Infinity` where there is none. */
  get last(): number {
    return this.#last;
  }

  /** What is known at an instant (CO-2). */
  factsAt(now: number): HistoryFacts {
    return new HistoryFacts(this.#model, now, (machine) => this.#of(machine), this.#refusals);
  }

  /** Takes in files of events in the order of the log, up to so many lines or rows. Throws `Failure`. */
  async read(files: readonly string[], linesMax: number, onBytes: (bytes: number) => void): Promise<void> {
    const decoder = new EventDecoder(this.#today, { maxFutureMs: 0 });
    let lines = 0;
    const isKnown = (): boolean => ++lines <= linesMax;
    for (const file of files) {
      await readEvents(
        file,
        {
          line: (bytes, start, end) => {
            if (!isKnown()) return;
            const decoded = decoder.decode(bytes, start, end, null);
            const refusal = isRefusal(decoded) ? decoded : this.#refusalOf(decoded);
            if (refusal !== null) this.#refuse(refusal, originalOf(bytes.subarray(start, end)));
            else if (!isRefusal(decoded)) this.#take(decoded);
          },
          lineRefused: (refusal) => {
            if (isKnown()) this.#refuse(refusal, null);
          },
          row: (row) => {
            if (!isKnown()) return;
            const decoded = decoder.decodeValue(row, null);
            const refusal = isRefusal(decoded) ? decoded : this.#refusalOf(decoded);
            if (refusal !== null) this.#refuse(refusal, row);
            else if (!isRefusal(decoded)) this.#take(decoded);
          },
          withoutZone: (columns) => void this.withoutZone.push(...withoutZoneLines(file, columns)),
        },
        onBytes,
      );
    }
  }

  /** As a worker does: a correction of closed time says why. */
  #refusalOf(event: PlantEvent): Refusal | null {
    return event.type === "correction" ? refusalOfClosed(this.#closings, event) : null;
  }

  #take(event: PlantEvent): void {
    if (!this.#of(event.machine).accept(event)) {
      this.#repeats++;
      return;
    }
    this.#accepted++;
    if (event.type !== "correction") this.#last = Math.max(this.#last, event.at);
  }

  #refuse({ code }: Refusal, original: unknown): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    const { at, machine } = typeof original === "object" && original !== null ? (original as Partial<Original>) : {};
    this.#refusals.add(code, instantIn(at), typeof machine === "string" ? machine : null);
  }

  #of(machine: Machine): RecordedMachine {
    let recorded = this.#machines.get(machine);
    if (recorded === undefined) this.#machines.set(machine, (recorded = new RecordedMachine(this.#model, machine)));
    return recorded;
  }
}

/** What may be read of a refused event. */
interface Original {
  readonly at: unknown;
  readonly machine: unknown;
}
