/**
 * Large answers of ClickHouse as Arrow streams, read where they lie: no text is made of a number and none is parsed, and a text that
 * repeats from row to row is decoded once. Columns are `Float64` or `String`, without nulls.
 */
import type { Readable } from "node:stream";
import { type Data, RecordBatchReader } from "apache-arrow";
import { StoreError } from "./store-error.ts";

/** Some rows of an answer, in its order. */
export interface AnswerRows {
  readonly length: number;
  numbers(column: number): Float64Array;
  /** The text of a row. */
  texts(column: number): (row: number) => string;
}

/** How an Arrow stream ends: a message without length. */
const END = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** The rows of one Arrow stream. Throws where it is cut off (retryable): an error of ClickHouse may stand in its place. */
export async function arrowAnswer(stream: Readable, doing: string): Promise<readonly AnswerRows[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece as Uint8Array);
  const bytes = joined(pieces);
  if (bytes.length === 0) return [];
  if (END.compare(bytes, Math.max(0, bytes.length - END.length)) !== 0) {
    throw new StoreError("OEE_STORE_UNAVAILABLE", `could not ${doing}: the answer broke off`, { retryable: true });
  }
  return [...RecordBatchReader.from(bytes)].map(({ numRows, data }) => rowsOf(numRows, data.children));
}

/** One piece of memory of its own, in which numbers stand where typed arrays may begin. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function rowsOf(length: number, columns: readonly Data[]): AnswerRows {
  const dataOf = (column: number): Data => {
    const data = columns[column];
    if (data === undefined) throw new Error(`the answer has ${columns.length} columns, column ${column} was asked for`);
    return data;
  };
  return {
    length,
    numbers(column) {
      const { values } = dataOf(column) as { values: unknown };
      if (values instanceof Float64Array) return values;
      throw new Error(`column ${column} of the answer is no Float64`);
    },
    texts: (column) => textsOf(dataOf(column)),
  };
}

function textsOf({ valueOffsets, values }: Data): (row: number) => string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  let [from, to, text, known] = [0, 0, "", -1];
  return (row) => {
    if (row === known) return text;
    known = row;
    const [begin, end] = [valueOffsets[row] as number, valueOffsets[row + 1] as number];
    if (end - begin === to - from && isEqual(bytes, from, begin, end - begin)) return text;
    [from, to] = [begin, end];
    return (text = bytes.toString("utf8", begin, end));
  };
}

/** From the end, where identifiers differ. */
function isEqual(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
