/**
 * Columns of records as Arrow IPC streams: typed arrays filled in one pass, texts as dictionaries of the batch.
 * Costs about a typed-array store per number and a map look-up per text, most of which the "same as before" test saves.
 * No two columns share a buffer: apache-arrow 21 writes such neighbours once, which breaks the stream.
 */
import {
  Bool,
  Data,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Vector,
  makeData,
} from "apache-arrow";
import { GiveWay } from "@oee/pacing";
import { StoreError } from "./store-error.ts";
import { writeInteger } from "./whole-number.ts";
import type { WordColumn } from "./word-column.ts";

/** Records of some kind, one after the other. */
export interface Records<R> extends Iterable<R> {
  readonly length: number;
}

/** A column of what is written in one go, whatever holds it. */
export interface BatchColumn<B> {
  readonly name: string;
  fill(batch: B): Data;
}

export type Column<R> = BatchColumn<Records<R>>;

/**
 * One Arrow IPC stream of one record batch, in pieces, most of which are its columns themselves: the records have to stay
 * as they are until it is written.
 */
export async function encodeArrow<B extends { readonly length: number }>(
  columns: readonly BatchColumn<B>[],
  records: B,
): Promise<readonly Uint8Array[]> {
  const children: Data[] = [];
  const fields: Field[] = [];
  const giveWay = new GiveWay();
  for (const column of columns) {
    if (giveWay.due) await giveWay.now();
    const data = column.fill(records);
    children.push(data);
    fields.push(new Field(column.name, data.type, true));
  }
  const schema = new Schema(fields);
  const type = new Struct(fields);
  const data = makeData({ type, length: records.length, nullCount: 0, children });
  const writer = RecordBatchStreamWriter.writeAll(new Table(schema, [new RecordBatch(schema, data)]));
  const pieces: Uint8Array[] = [];
  for await (const piece of writer) pieces.push(piece);
  return pieces;
}

/** Texts of which few differ; `null` is stored as the empty text, which no event can hold. */
export function names<R>(name: string, of: (record: R) => string | null): Column<R> {
  return {
    name,
    fill(records) {
      const indices = new Int32Array(records.length);
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
        indices[i++] = place;
      }
      const type = new Dictionary(new Utf8(), new Int32());
      const dictionary = new Vector([textData([...places.keys()])]);
      return makeData({ type, length: records.length, nullCount: 0, data: indices, dictionary });
    },
  };
}

/** Texts that all differ. */
export function texts<R>(name: string, of: (record: R) => string | null): Column<R> {
  return { name, fill: (records) => textData(Array.from(records, (record) => of(record) ?? "")) };
}

function textData(values: readonly string[]): Data<Utf8> {
  const valueOffsets = new Int32Array(values.length + 1);
  let bytes = 0;
  let i = 1;
  for (const value of values) {
    bytes += Buffer.byteLength(value);
    valueOffsets[i++] = bytes;
  }
  const data = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const value of values) at += data.write(value, at);
  return makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data });
}

/** Whole numbers, exact to 2^53; anything else is refused with its name. */
export function integers<R>(name: string, of: (record: R) => number): Column<R> {
  return {
    name,
    fill(records) {
      const data = new BigInt64Array(records.length);
      fillIntegers(data, name, records, of);
      return makeData({ type: new Int64(), length: records.length, nullCount: 0, data });
    },
  };
}

/** Instants in epoch milliseconds. */
export function instants<R>(name: string, of: (record: R) => number): Column<R> {
  return {
    name,
    fill(records) {
      const data = new BigInt64Array(records.length);
      fillIntegers(data, name, records, of);
      return makeData({ type: new TimestampMillisecond(), length: records.length, nullCount: 0, data });
    },
  };
}

export function integersOrNull<R>(name: string, of: (record: R) => number | null): Column<R> {
  return {
    name,
    fill(records) {
      const data = new BigInt64Array(records.length);
      fillIntegers(data, name, records, (record) => of(record) ?? 0);
      return makeData({ type: new Int64(), length: records.length, data, ...validityOf(records, of) });
    },
  };
}

export function instantsOrNull<R>(name: string, of: (record: R) => number | null): Column<R> {
  return {
    name,
    fill(records) {
      const data = new BigInt64Array(records.length);
      fillIntegers(data, name, records, (record) => of(record) ?? 0);
      return makeData({
        type: new TimestampMillisecond(),
        length: records.length,
        data,
        ...validityOf(records, of),
      });
    },
  };
}

export function decimalsOrNull<R>(name: string, of: (record: R) => number | null): Column<R> {
  return {
    name,
    fill(records) {
      const data = new Float64Array(records.length);
      let i = 0;
      for (const record of records) data[i++] = of(record) ?? 0;
      return makeData({ type: new Float64(), length: records.length, data, ...validityOf(records, of) });
    },
  };
}

/** Whole minutes, given in epoch milliseconds, stored in epoch seconds. */
export function minutes<R>(name: string, of: (record: R) => number): Column<R> {
  return {
    name,
    fill(records) {
      const data = new Uint32Array(records.length);
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
      return makeData({ type: new Uint32(), length: records.length, nullCount: 0, data });
    },
  };
}

export function flags<R>(name: string, of: (record: R) => boolean): Column<R> {
  return {
    name,
    fill(records) {
      const data = bitmap(records, of);
      return makeData({ type: new Bool(), length: records.length, nullCount: 0, data });
    },
  };
}

/** As `flags`, where ClickHouse wants a number. */
export function flagNumbers<R>(name: string, of: (record: R) => boolean): Column<R> {
  return {
    name,
    fill(records) {
      const data = new Uint8Array(records.length);
      let i = 0;
      for (const record of records) data[i++] = of(record) ? 1 : 0;
      return makeData({ type: new Uint8(), length: records.length, nullCount: 0, data });
    },
  };
}

/** Unsigned 64-bit numbers. */
export function versions<R>(name: string, of: (record: R) => bigint): Column<R> {
  return {
    name,
    fill(records) {
      const data = new BigUint64Array(records.length);
      let i = 0;
      let before: bigint | null = null;
      for (const record of records) {
        const value = of(record);
        if (value !== before && (value < 0n || value >= 1n << 64n)) {
          throw new StoreError("OEE_STORE_INVALID", `${name} is ${value}; 0 to 2^64 - 1 is expected`);
        }
        data[i++] = before = value;
      }
      return makeData({ type: new Uint64(), length: records.length, nullCount: 0, data });
    },
  };
}

/** Whole numbers, of which one stands every `width` numbers from `offset` on. */
export function integersOf(name: string, values: Float64Array, length: number, width: number, offset: number): Data {
  return makeData({ type: new Int64(), length, nullCount: 0, data: strided(name, values, length, width, offset) });
}

/** Whole numbers that stand as they are written. */
export function wholeNumbersOf(data: BigInt64Array): Data {
  return makeData({ type: new Int64(), length: data.length, nullCount: 0, data });
}

/** The same as instants, in epoch milliseconds. */
export function instantsOf(data: BigInt64Array): Data {
  return makeData({ type: new TimestampMillisecond(), length: data.length, nullCount: 0, data });
}

/** Texts in UTF-8 that stand one after the other. */
export function textsOf(data: Uint8Array, ends: Int32Array): Data {
  const valueOffsets = new Int32Array(ends.length + 1);
  valueOffsets.set(ends, 1);
  return makeData({ type: new Utf8(), length: ends.length, nullCount: 0, valueOffsets, data });
}

/** Texts of which few differ. */
export function wordsOf({ words, numbers }: WordColumn, length: number): Data {
  const type = new Dictionary(new Utf8(), new Int32());
  const dictionary = new Vector([textData(words)]);
  return makeData({ type, length, nullCount: 0, data: numbers.subarray(0, length), dictionary });
}

/** Texts that all differ, where the last ones may be missing: what is missing is the empty text. */
export function textsOrNone(values: readonly (string | null)[], length: number): Data {
  if (values.length === 0) return textsOf(new Uint8Array(0), new Int32Array(length));
  return textData(Array.from({ length }, (_, i) => values[i] ?? ""));
}

function strided(name: string, values: Float64Array, length: number, width: number, offset: number): BigInt64Array {
  const data = new BigInt64Array(length);
  const halves = new Int32Array(data.buffer);
  for (let i = 0; i < length; i++) writeInteger(halves, 2 * i, name, values[i * width + offset] as number);
  return data;
}

function fillIntegers<R>(data: BigInt64Array, name: string, records: Iterable<R>, of: (record: R) => number): void {
  const halves = new Int32Array(data.buffer);
  let i = 0;
  for (const record of records) {
    writeInteger(halves, i, name, of(record));
    i += 2;
  }
}

function validityOf<R>(records: Records<R>, of: (record: R) => unknown): { nullBitmap: Uint8Array; nullCount: number } {
  let nullCount = 0;
  for (const record of records) if (of(record) === null) nullCount++;
  return { nullBitmap: bitmap(records, (record) => of(record) !== null), nullCount };
}

function bitmap<R>(records: Records<R>, of: (record: R) => boolean): Uint8Array {
  const bits = new Uint8Array((records.length + 7) >> 3);
  let i = 0;
  for (const record of records) {
    if (of(record)) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
    i++;
  }
  return bits;
}
