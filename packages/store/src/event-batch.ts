/** Raw events on their way to the store, as columns: no object and no text an event. */
import type { PlantEvent } from "@oee/model";
import type { EventRecord } from "./event-table.ts";

const FIRST_EVENTS = 256;
const BYTES_AN_EVENT = 128;
/** Numbers of an event: its instant, its place in the log, and when the log took it. */
export const NUMBERS = 5;

export class EventBatch {
  #length = 0;
  readonly #machines: string[] = [];
  readonly #types: PlantEvent["type"][] = [];
  readonly #topics: string[] = [];
  readonly #ids: (string | null)[] = [];
  readonly #repeats: boolean[] = [];
  #numbers: Float64Array;
  /** Where the original of each event ends in `#raw`. */
  #ends: Int32Array;
  #raw: Buffer;

  /** Room at first for so many events. */
  constructor(capacity: number = FIRST_EVENTS) {
    const events = Math.max(1, capacity);
    this.#numbers = new Float64Array(events * NUMBERS);
    this.#ends = new Int32Array(events);
    this.#raw = Buffer.allocUnsafeSlow(events * BYTES_AN_EVENT);
  }

  static of(records: readonly EventRecord[]): EventBatch {
    const batch = new EventBatch(records.length);
    for (const record of records) {
      const raw = Buffer.from(record.raw);
      batch.add(record, raw, 0, raw.length);
    }
    return batch;
  }

  get length(): number {
    return this.#length;
  }

  get machines(): readonly string[] {
    return this.#machines;
  }

  get types(): readonly PlantEvent["type"][] {
    return this.#types;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  get ids(): readonly (string | null)[] {
    return this.#ids;
  }

  get repeats(): readonly boolean[] {
    return this.#repeats;
  }

  /** Five numbers an event: at, partition, offset, index, receivedAt. */
  get numbers(): Float64Array {
    return this.#numbers;
  }

  /** The originals, one after the other, and where each ends. */
  get raw(): { readonly bytes: Uint8Array; readonly ends: Int32Array } {
    const ends = this.#ends.subarray(0, this.#length);
    return { bytes: this.#raw.subarray(0, ends[this.#length - 1] ?? 0), ends };
  }

  rawLengthAt(event: number): number {
    return (this.#ends[event] as number) - this.#startOf(event);
  }

  /** Adds an event, whose original is `bytes[start, end)` in UTF-8; it is copied. */
  add(event: Omit<EventRecord, "raw">, bytes: Uint8Array, start: number, end: number): void {
    const i = this.#length++;
    if (i === this.#ends.length) this.#grow();
    this.#machines.push(event.machine);
    this.#types.push(event.type);
    this.#topics.push(event.topic);
    this.#ids.push(event.id);
    this.#repeats.push(event.repeat);
    const numbers = this.#numbers;
    numbers[i * NUMBERS] = event.at;
    numbers[i * NUMBERS + 1] = event.partition;
    numbers[i * NUMBERS + 2] = event.offset;
    numbers[i * NUMBERS + 3] = event.index;
    numbers[i * NUMBERS + 4] = event.receivedAt;
    const from = this.#startOf(i);
    const to = from + end - start;
    if (to > this.#raw.length) {
      const raw = Buffer.allocUnsafeSlow(Math.max(to, 2 * this.#raw.length));
      raw.set(this.#raw.subarray(0, from));
      this.#raw = raw;
    }
    this.#raw.set(bytes.subarray(start, end), from);
    this.#ends[i] = to;
  }

  /** Adds copies of another's events of `[from, to)`. */
  append(other: EventBatch, from: number = 0, to: number = other.#length): void {
    for (let i = from; i < to; i++) this.add(other.#at(i), other.#raw, other.#startOf(i), other.#ends[i] as number);
  }

  /** A copy of the events of `[from, to)`. */
  slice(from: number, to: number): EventBatch {
    const copy = new EventBatch(to - from);
    copy.append(this, from, to);
    return copy;
  }

  #at(i: number): Omit<EventRecord, "raw"> {
    const number = (n: number): number => this.#numbers[i * NUMBERS + n] as number;
    return {
      machine: this.#machines[i] as string,
      type: this.#types[i] as PlantEvent["type"],
      topic: this.#topics[i] as string,
      id: this.#ids[i] ?? null,
      repeat: this.#repeats[i] === true,
      at: number(0),
      partition: number(1),
      offset: number(2),
      index: number(3),
      receivedAt: number(4),
    };
  }

  #startOf(event: number): number {
    return event === 0 ? 0 : (this.#ends[event - 1] as number);
  }

  #grow(): void {
    const numbers = new Float64Array(2 * this.#numbers.length);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const ends = new Int32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
