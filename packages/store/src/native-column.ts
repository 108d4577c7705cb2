/**
 * Columns of records in ClickHouse's Native format: of each its name, its type and its values, numbers as a processor has them.
 * Texts of which few differ are a dictionary of the block and a number for each record. Costs about a typed-array store a
 * number and a map look-up a text, most of which the "same as before" test saves. ClickHouse makes each type that of the table.
 */
import { GiveWay } from "@oee/pacing";
import type { NativeBlock } from "./native-block.ts";
import { StoreError } from "./store-error.ts";
import { VARINT_MAX, varintLength, writeInteger, writeVarint } from "./whole-number.ts";
import type { WordColumn } from "./word-column.ts";

/** Records of some kind, one after the other. */
export interface Records<R> extends Iterable<R> {
  readonly length: number;
}

/** A column of what is written in one go, whatever holds it. */
export interface BatchColumn<B> {
  readonly name: string;
  /** As ClickHouse names it. */
  readonly type: string;
  /** Adds the values. */
  write(block: NativeBlock, batch: B): void;
}

export type Column<R> = BatchColumn<Records<R>>;

const [WORD, TEXT, INTEGER, INSTANT, DECIMAL] = [
  "LowCardinality(String)",
  "String",
  "Int64",
  "DateTime64(3, 'UTC')",
  "Float64",
];

/** Adds one block of all records. Some pieces may be the columns of `records`, which have to stay as they are until it is written. */
export async function encodeNative<B extends { readonly length: number }>(
  block: NativeBlock,
  columns: readonly BatchColumn<B>[],
  records: B,
): Promise<void> {
  const giveWay = new GiveWay();
  const head = Buffer.allocUnsafe(2 * VARINT_MAX);
  block.add(head.subarray(0, writeVarint(head, writeVarint(head, 0, columns.length), records.length)));
  for (const column of columns) {
    if (giveWay.due) await giveWay.now();
    addTexts(block, [column.name, column.type]);
    column.write(block, records);
  }
}

/** Texts of which few differ; `null` is stored as the empty text, which no event can hold. */
export function names<R>(name: string, of: (record: R) => string | null): Column<R> {
  return {
    name,
    type: WORD,
    write(block, records) {
      const memory = block.take(4 * records.length);
      const numbers = new Int32Array(memory.buffer, memory.byteOffset, records.length);
      const places = new Map<string, number>();
      let before: string | null = null;
      let place = -1;
      let i = 0;
      for (const record of records) {
        const text = of(record) ?? "";
        if (text !== before) {
          before = text;
          place = places.get(text) ?? -1;
          if (place < 0) {
            place = places.size;
            places.set(text, place);
          }
        }
        numbers[i++] = place;
      }
      addWords(block, [...places.keys()], memory, records.length);
    },
  };
}

/** Texts that all differ. */
export function texts<R>(name: string, of: (record: R) => string | null): Column<R> {
  return {
    name,
    type: TEXT,
    write: (block, records) =>
      addTexts(
        block,
        Array.from(records, (record) => of(record) ?? ""),
      ),
  };
}

/** Whole numbers, exact to 2^53; anything else is refused with its name. */
export function integers<R>(name: string, of: (record: R) => number): Column<R> {
  return { name, type: INTEGER, write: (block, records) => addIntegers(block, name, records, of) };
}

/** Instants in epoch milliseconds. */
export function instants<R>(name: string, of: (record: R) => number): Column<R> {
  return { ...integers(name, of), type: INSTANT };
}

export function integersOrNull<R>(name: string, of: (record: R) => number | null): Column<R> {
  return {
    name,
    type: `Nullable(${INTEGER})`,
    write(block, records) {
      addMissing(block, records, of);
      addIntegers(block, name, records, (record) => of(record) ?? 0);
    },
  };
}

export function instantsOrNull<R>(name: string, of: (record: R) => number | null): Column<R> {
  return { ...integersOrNull(name, of), type: `Nullable(${INSTANT})` };
}

export function decimalsOrNull<R>(name: string, of: (record: R) => number | null): Column<R> {
  return {
    name,
    type: `Nullable(${DECIMAL})`,
    write(block, records) {
      addMissing(block, records, of);
      const memory = block.take(8 * records.length);
      const data = new Float64Array(memory.buffer, memory.byteOffset, records.length);
      let i = 0;
      for (const record of records) data[i++] = of(record) ?? 0;
      block.add(memory);
    },
  };
}

/** Whole minutes, given in epoch milliseconds, stored in epoch seconds. */
export function minutes<R>(name: string, of: (record: R) => number): Column<R> {
  return {
    name,
    type: "DateTime('UTC')",
    write(block, records) {
      const memory = block.take(4 * records.length);
      const data = new Uint32Array(memory.buffer, memory.byteOffset, records.length);
      let i = 0;
      for (const record of records) {
        const at = of(record);
        if (!(at >= 0 && at % 60_000 === 0 && at / 1000 <= 0xffff_ffff)) {
          throw new StoreError(
            "OEE_STORE_INVALID",
            `${name} of a row is ${at}; a whole minute in epoch ms is expected`,
          );
        }
        data[i++] = at / 1000;
      }
      block.add(memory);
    },
  };
}

export function flags<R>(name: string, of: (record: R) => boolean): Column<R> {
  return { name, type: "Bool", write: (block, records) => addBytes(block, records, (record) => (of(record) ? 1 : 0)) };
}

/** As `flags`, where ClickHouse wants a number. */
export function flagNumbers<R>(name: string, of: (record: R) => boolean): Column<R> {
  return { ...flags(name, of), type: "UInt8" };
}

/** Whole numbers of 0 to 65,535 that the caller knows to be such, as `type` has them. */
export function numbers16<R>(name: string, type: string, of: (record: R) => number): Column<R> {
  return {
    name,
    type,
    write(block, records) {
      const memory = block.take(2 * records.length);
      const data = new Uint16Array(memory.buffer, memory.byteOffset, records.length);
      let i = 0;
      for (const record of records) data[i++] = of(record);
      block.add(memory);
    },
  };
}

/** Unsigned 64-bit numbers. */
export function versions<R>(name: string, of: (record: R) => bigint): Column<R> {
  return {
    name,
    type: "UInt64",
    write(block, records) {
      const memory = block.take(8 * records.length);
      const data = new BigUint64Array(memory.buffer, memory.byteOffset, records.length);
      let i = 0;
      let before: bigint | null = null;
      for (const record of records) {
        const value = of(record);
        if (value !== before && (value < 0n || value >= 1n << 64n)) {
          throw new StoreError("OEE_STORE_INVALID", `${name} is ${value}; 0 to 2^64 - 1 is expected`);
        }
        data[i++] = before = value;
      }
      block.add(memory);
    },
  };
}

/** Whole numbers, of which one stands every `width` numbers from `offset` on. */
export function integersIn<B extends { readonly length: number }>(
  name: string,
  of: (batch: B) => Float64Array,
  width: number,
  offset: number,
): BatchColumn<B> {
  return {
    name,
    type: INTEGER,
    write(block, batch) {
      const { length } = batch;
      const values = of(batch);
      const memory = block.take(8 * length);
      const halves = new Int32Array(memory.buffer, memory.byteOffset, 2 * length);
      for (let i = 0; i < length; i++) writeInteger(halves, 2 * i, name, values[i * width + offset] as number);
      block.add(memory);
    },
  };
}

/** Values that stand as they are written. */
export function bytesOf<B>(name: string, type: string, of: (batch: B) => Uint8Array): BatchColumn<B> {
  return { name, type, write: (block, batch) => block.add(of(batch)) };
}

/** Texts of which few differ. */
export function wordsOf<B extends { readonly length: number }>(
  name: string,
  of: (batch: B) => WordColumn,
): BatchColumn<B> {
  return {
    name,
    type: WORD,
    write(block, batch) {
      const { words, numbers } = of(batch);
      addWords(block, words, new Uint8Array(numbers.buffer, numbers.byteOffset, 4 * batch.length), batch.length);
    },
  };
}

/** Texts that all differ, where the last ones may be missing: what is missing is the empty text. */
export function textsOrNone<B extends { readonly length: number }>(
  name: string,
  of: (batch: B) => readonly (string | null)[],
): BatchColumn<B> {
  return {
    name,
    type: TEXT,
    write(block, batch) {
      const values = of(batch);
      if (values.length > 0)
        addTexts(
          block,
          Array.from(values, (value) => value ?? ""),
        );
      block.add(block.take(batch.length - values.length).fill(0));
    },
  };
}

/** Each with its length before it. */
function addTexts(block: NativeBlock, values: readonly string[]): void {
  const lengths = new Uint32Array(values.length);
  let room = 0;
  for (const [i, value] of values.entries()) {
    const length = Buffer.byteLength(value);
    lengths[i] = length;
    room += varintLength(length) + length;
  }
  const memory = block.take(room);
  let at = 0;
  for (const [i, value] of values.entries()) {
    at = writeVarint(memory, at, lengths[i] as number);
    at += memory.write(value, at);
  }
  block.add(memory);
}

/** The layout of the dictionary, of which there is one. */
const WORDS_VERSION = 1n;
/** The dictionary follows (bit 9), and numbers of its words have 32 bits (2). */
const WORDS_HEAD = (1n << 9n) | 2n;

/** `numbers`: of each record the number of its word, in 32 bits. */
function addWords(block: NativeBlock, words: readonly string[], numbers: Uint8Array, length: number): void {
  addNumbers64(block, [WORDS_VERSION, WORDS_HEAD, BigInt(words.length)]);
  addTexts(block, words);
  addNumbers64(block, [BigInt(length)]);
  block.add(numbers);
}

function addNumbers64(block: NativeBlock, numbers: readonly bigint[]): void {
  const memory = block.take(8 * numbers.length);
  for (const [i, number] of numbers.entries()) memory.writeBigUInt64LE(number, 8 * i);
  block.add(memory);
}

function addIntegers<R>(block: NativeBlock, name: string, records: Records<R>, of: (record: R) => number): void {
  const memory = block.take(8 * records.length);
  const halves = new Int32Array(memory.buffer, memory.byteOffset, 2 * records.length);
  let i = 0;
  for (const record of records) {
    writeInteger(halves, i, name, of(record));
    i += 2;
  }
  block.add(memory);
}

function addBytes<R>(block: NativeBlock, records: Records<R>, of: (record: R) => number): void {
  const memory = block.take(records.length);
  let i = 0;
  for (const record of records) memory[i++] = of(record);
  block.add(memory);
}

/** Of each record 1 where it has none. */
function addMissing<R>(block: NativeBlock, records: Records<R>, of: (record: R) => unknown): void {
  addBytes(block, records, (record) => (of(record) === null ? 1 : 0));
}
