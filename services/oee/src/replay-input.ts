/**
 * Takes the events of any number of inputs, in order, into a replay, and keeps account of what became of each line or
 * row: an event of some type, a repeat (CN-4), or a refusal (DI-2).
 */
import type { Replay } from "./replay.ts";
import {
  EventDecoder,
  isRefusal,
  NO_FIELDS,
  type Plant,
  type PlantEvent,
  type Refusal,
  UnknownFields,
} from "@oee/model";
import { withoutZoneLines } from "./output/without-zone-line.ts";
import type { EventSink } from "./reading/event-sink.ts";
import type { Refusals } from "./refusals.ts";

export interface Account {
  states: number;
  counts: number;
  jobs: number;
  corrections: number;
  repeats: number;
}

export class ReplayInput {
  readonly account: Account = { states: 0, counts: 0, jobs: 0, corrections: 0, repeats: 0 };
  /** Fields that mean nothing to us. */
  readonly unknownFields: UnknownFields = new UnknownFields();
  /** A line for each input whose instants have no time zone. */
  readonly withoutZone: string[] = [];
  readonly #decoder: EventDecoder;
  readonly #replay: Replay;
  readonly #refusals: Refusals;

  constructor(plant: Plant, replay: Replay, refusals: Refusals) {
    // A replay has no receiver's clock, so that no event is `future`.
    this.#decoder = new EventDecoder(plant, { maxFutureMs: 0 });
    this.#replay = replay;
    this.#refusals = refusals;
  }

  /** Events that were taken. */
  get accepted(): number {
    const { states, counts, jobs, corrections } = this.account;
    return states + counts + jobs + corrections;
  }

  /** Where the lines and rows of one input go; `name` is what refusals call it. */
  sinkFor(name: string): EventSink {
    const decoder = this.#decoder;
    return {
      line: (bytes, start, end, number) => {
        const decoded = decoder.decode(bytes, start, end, null);
        // A closure here would cost every line an allocation.
        if (isRefusal(decoded)) this.#refuseLine(decoded, name, number, bytes.subarray(start, end));
        else this.#take(decoded);
      },
      takeLine: (bytes, start, end) => {
        const event = decoder.decodeLine(bytes, start, end, null);
        if (event === null) return -1;
        this.#take(event);
        return decoder.lineEnd;
      },
      lineRefused: (refusal, number) => this.#refusals.add(refusal, name, number, () => null),
      row: (row, number) => {
        const decoded = decoder.decodeValue(row, null);
        if (isRefusal(decoded)) this.#refusals.add(decoded, name, number, () => row);
        else this.#take(decoded);
      },
      withoutZone: (columns) => void this.withoutZone.push(...withoutZoneLines(name, columns)),
    };
  }

  #take(event: PlantEvent): void {
    const { unknownFields } = this.#decoder;
    if (unknownFields !== NO_FIELDS) this.unknownFields.add(event.type, unknownFields);
    if (!this.#replay.accept(event)) {
      this.account.repeats++;
      return;
    }
    switch (event.type) {
      case "state":
        this.account.states++;
        break;
      case "count":
      case "total":
        this.account.counts++;
        break;
      case "job":
        this.account.jobs++;
        break;
      case "correction":
        this.account.corrections++;
        break;
    }
  }

  #refuseLine(refusal: Refusal, file: string, number: number, line: Uint8Array): void {
    this.#refusals.add(refusal, file, number, () => originalOf(line));
  }
}

/** The JSON value; the text where it is none. */
export function originalOf(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
