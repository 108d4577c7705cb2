/** Raw events that wait for the store, in columns: no object and no string is made for an event. */
import type { EventRecord } from "./event-record.ts";
import { readInteger, varintLength, writeInteger, writeVarint } from "./whole-number.ts";
import { EVENTS_KEPT_MAX, roomFor, WordColumn } from "./word-column.ts";

const FIRST_EVENTS = 256;
const BYTES_AN_EVENT = 128;
/** Room for so many bytes of originals is kept when a batch is emptied. */
const RAW_KEPT_MAX = 32 * 1024 * 1024;
/** Shorter originals are copied by words: an object for the part would cost more. */
const COPIED_WHOLE_FROM = 256;
const WORD_BYTES = 4;
/** Room of which less than an eighth was used for so long is given back: a write follows the other within a few seconds. */
const UNUSED_MS_MAX = 10_000;
const USED_AT_LEAST = 1 / 8;
/** The numbers of an event as the table names them: its instant, its place in the log, and when the log took it. */
const NUMBERS = ["at", "partition", "offset", "record_index", "received_at"] as const;
const [AT, PARTITION, OFFSET, INDEX, RECEIVED_AT] = [0, 1, 2, 3, 4] as const;

/** An event without its original. */
export type EventHead = Omit<EventRecord, "raw">;

export class EventBatch {
  #length = 0;
  readonly machines: WordColumn;
  readonly types: WordColumn;
  readonly topics: WordColumn;
  /** Up to the last event that has one. */
  #ids: (string | null)[] = [];
  #repeats: Uint8Array;
  /** A column for each of `NUMBERS`, two halves a number, as they are written. */
  #numbers: Int32Array[];
  /** Where the original of each event ends in `#raw`, which has the length of each before it. */
  #ends: Int32Array;
  #raw: Buffer;
  #rawWords: DataView;
  /** Where the last original came from, which is often where the next one does. */
  #source: Uint8Array | null = null;
  #sourceWords: DataView | null = null;
  /** When the batch was last emptied and much of its room had been used (ms of the monotonic clock). */
  #usedAt: number;
  readonly #elapsed: () => number;

  /** Room at first for so many events. `elapsed`: the monotonic clock (ms). */
  constructor(capacity: number = FIRST_EVENTS, elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
    this.#usedAt = elapsed();
    const events = Math.max(1, capacity);
    this.machines = new WordColumn(events);
    this.types = new WordColumn(events);
    this.topics = new WordColumn(events);
    this.#repeats = new Uint8Array(events);
    this.#numbers = NUMBERS.map(() => new Int32Array(2 * events));
    this.#ends = new Int32Array(events);
    this.#raw = Buffer.allocUnsafeSlow(events * BYTES_AN_EVENT);
    this.#rawWords = wordsOf(this.#raw);
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

  /** Of each event the one it was given, or `null`; no more than there are up to the last that has one. */
  get ids(): readonly (string | null)[] {
    return this.#ids;
  }

  /** Of each event 1 where it is a repeat. */
  get repeats(): Uint8Array {
    return this.#repeats.subarray(0, this.#length);
  }

  /** A column of numbers of 64 bits: 0 the instant, 1 partition, 2 offset, 3 index, 4 when the log took it. */
  numbersAt(column: number): Uint8Array {
    const { buffer } = this.#numbers[column] as Int32Array;
    return new Uint8Array(buffer, 0, 8 * this.#length);
  }

  /** Epoch ms. */
  instantAt(event: number): number {
    return this.#numberAt(AT, event);
  }

  #numberAt(column: number, event: number): number {
    return readInteger(this.#numbers[column] as Int32Array, 2 * event);
  }

  #setNumber(column: number, event: number, value: number): void {
    writeInteger(this.#numbers[column] as Int32Array, 2 * event, NUMBERS[column] as string, value);
  }

  /** The originals as they are written: one after the other, each behind its length (`writeVarint`). */
  get raw(): Uint8Array {
    return this.#raw.subarray(0, this.rawLength);
  }

  /** How long all of that is. */
  get rawLength(): number {
    return this.#startOf(this.#length);
  }

  /** Whose an event is, its instant (epoch ms), and a key that it alone has. */
  placeAt(event: number): { readonly machine: string; readonly at: number; readonly key: string } {
    const place = [PARTITION, OFFSET, INDEX].map((column) => this.#numberAt(column, event));
    return { machine: this.machines.textAt(event), at: this.instantAt(event), key: `event ${place.join(" ")}` };
  }

  /** How long an original and its length are. */
  rawLengthAt(event: number): number {
    return (this.#ends[event] as number) - this.#startOf(event);
  }

  /** Adds an event, whose original is `bytes[start, end)` in UTF-8; it is copied. `machineIndex`: the machine's place in the plant file, by which it is found sooner; −1: not known. */
  add(event: EventHead, bytes: Uint8Array, start: number, end: number, machineIndex: number = -1): void {
    const i = this.#length;
    const length = end - start;
    const from = this.#startOf(i);
    this.#reserve(i + 1, from + varintLength(length) + length);
    this.machines.set(i, event.machine, machineIndex);
    this.types.set(i, event.type);
    this.topics.set(i, event.topic);
    if (event.id !== null) this.#setId(i, event.id);
    this.#repeats[i] = event.repeat ? 1 : 0;
    this.#setNumber(AT, i, event.at);
    this.#setNumber(PARTITION, i, event.partition);
    this.#setNumber(OFFSET, i, event.offset);
    this.#setNumber(INDEX, i, event.index);
    this.#setNumber(RECEIVED_AT, i, event.receivedAt);
    const at = writeVarint(this.#raw, from, length);
    if (length > COPIED_WHOLE_FROM) this.#raw.set(bytes.subarray(start, end), at);
    else this.#copyWords(bytes, start, end, at);
    this.#ends[i] = at + length;
    this.#length = i + 1;
  }

  /** Adds copies of another's events of `[from, to)`. */
  append(other: EventBatch, from: number = 0, to: number = other.#length): void {
    if (from === to) return;
    const length = this.#length;
    const rawFrom = other.#startOf(from);
    const rawTo = other.#startOf(to);
    const rawAt = this.#startOf(length);
    this.#reserve(length + to - from, rawAt + rawTo - rawFrom);
    this.#length = length + to - from;
    this.machines.copy(length, other.machines, from, to);
    this.types.copy(length, other.types, from, to);
    this.topics.copy(length, other.topics, from, to);
    for (let i = from; i < Math.min(to, other.#ids.length); i++) {
      const id = other.#ids[i] ?? null;
      if (id !== null) this.#setId(length + i - from, id);
    }
    for (let i = from; i < to; i++) this.#ends[length + i - from] = (other.#ends[i] as number) - rawFrom + rawAt;
    this.#repeats.set(other.#repeats.subarray(from, to), length);
    for (const [i, numbers] of this.#numbers.entries()) {
      numbers.set((other.#numbers[i] as Int32Array).subarray(2 * from, 2 * to), 2 * length);
    }
    this.#raw.set(other.#raw.subarray(rawFrom, rawTo), rawAt);
  }

  /** Forgets all events; room for some is kept for as long as it is used now and then. */
  clear(): void {
    const now = this.#elapsed();
    if (this.rawLength >= USED_AT_LEAST * this.#raw.length) this.#usedAt = now;
    const unused = now - this.#usedAt > UNUSED_MS_MAX && this.#ends.length > FIRST_EVENTS;
    for (const column of [this.machines, this.types, this.topics]) column.clear(this.#length);
    this.#length = 0;
    this.#ids = [];
    this.#source = null;
    this.#sourceWords = null;
    if (this.#ends.length > EVENTS_KEPT_MAX || unused) {
      this.#repeats = new Uint8Array(FIRST_EVENTS);
      this.#numbers = NUMBERS.map(() => new Int32Array(2 * FIRST_EVENTS));
      this.#ends = new Int32Array(FIRST_EVENTS);
    }
    if (this.#raw.length > RAW_KEPT_MAX || unused) this.#useRaw(Buffer.allocUnsafeSlow(FIRST_EVENTS * BYTES_AN_EVENT));
  }

  /** A copy of the events of `[from, to)`. */
  slice(from: number, to: number): EventBatch {
    const copy = new EventBatch(to - from, this.#elapsed);
    copy.append(this, from, to);
    return copy;
  }

  /** Where the length of an event's original stands, or would stand. */
  #startOf(event: number): number {
    return event === 0 ? 0 : (this.#ends[event - 1] as number);
  }

  #setId(event: number, id: string): void {
    while (this.#ids.length < event) this.#ids.push(null);
    this.#ids[event] = id;
  }

  #reserve(events: number, bytes: number): void {
    if (events > this.#ends.length) {
      const capacity = roomFor(events, this.#ends.length, EVENTS_KEPT_MAX);
      this.#numbers = this.#numbers.map((column) => {
        const numbers = new Int32Array(2 * capacity);
        numbers.set(column.subarray(0, 2 * this.#length));
        return numbers;
      });
      const repeats = new Uint8Array(capacity);
      repeats.set(this.#repeats.subarray(0, this.#length));
      this.#repeats = repeats;
      const ends = new Int32Array(capacity);
      ends.set(this.#ends.subarray(0, this.#length));
      this.#ends = ends;
    }
    if (bytes > this.#raw.length) {
      const raw = Buffer.allocUnsafeSlow(roomFor(bytes, this.#raw.length, RAW_KEPT_MAX));
      raw.set(this.#raw.subarray(0, this.#startOf(this.#length)));
      this.#useRaw(raw);
    }
  }

  #useRaw(raw: Buffer): void {
    this.#raw = raw;
    this.#rawWords = wordsOf(raw);
  }

  /** Copies `bytes[start, end)` to a place in the originals. */
  #copyWords(bytes: Uint8Array, start: number, end: number, place: number): void {
    if (bytes !== this.#source || this.#sourceWords === null) {
      this.#source = bytes;
      this.#sourceWords = wordsOf(bytes);
    }
    const from = this.#sourceWords;
    const to = this.#rawWords;
    const apart = place - start;
    let at = start;
    for (; at + WORD_BYTES <= end; at += WORD_BYTES) to.setUint32(at + apart, from.getUint32(at, true), true);
    for (; at < end; at++) this.#raw[at + apart] = bytes[at] as number;
  }
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
