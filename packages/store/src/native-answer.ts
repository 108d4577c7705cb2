/**
 * Large answers of ClickHouse in its Native format, which it writes as it has columns in memory: no text is made of a number and none is
 * parsed, and a text that repeats from row to row is decoded once. Columns are `Float64` or `String`, without nulls.
 */
import type { Readable } from "node:stream";
import { StoreError } from "./store-error.ts";

/** The rows of an answer, in its order. */
export interface AnswerRows {
  readonly length: number;
  numbers(column: number): Float64Array;
  /** The text of a row. */
  texts(column: number): (row: number) => string;
}

/** The rows of some that follow one another. */
interface Block {
  readonly rows: number;
  /** By column, where its values begin. */
  readonly begins: readonly number[];
}

interface Blocks {
  readonly bytes: Buffer;
  readonly blocks: readonly Block[];
  /** As ClickHouse names them. */
  readonly types: readonly string[];
  readonly length: number;
}

const NUMBER_BYTES = 8;
const COLUMNS_MAX = 1_000;

/**
 * All rows of a stream of blocks, one behind the other. Throws where it is cut off within one (retryable): an error of ClickHouse may stand in
 * its place. That it ends behind one is for the connection to know, as with rows in lines.
 */
export async function nativeAnswer(stream: Readable, doing: string): Promise<AnswerRows> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  const [first = Buffer.alloc(0)] = pieces;
  const all = blocksOf(pieces.length > 1 ? Buffer.concat(pieces) : first);
  if (all === null) {
    throw new StoreError("OEE_STORE_UNAVAILABLE", `could not ${doing}: the answer broke off`, { retryable: true });
  }
  return {
    length: all.length,
    numbers: (column) => numbersOf(all, column),
    texts: (column) => textsOf(all, column),
  };
}

/** `null`: the bytes end within a block, or hold something else. */
function blocksOf(bytes: Buffer): Blocks | null {
  const blocks: Block[] = [];
  let types: readonly string[] = [];
  let length = 0;
  for (const at = new Reading(bytes); at.place < bytes.length; ) {
    const [columns, rows] = [at.varint(), at.varint()];
    if (columns > COLUMNS_MAX || (blocks.length > 0 && columns !== types.length)) return null;
    const found: string[] = [];
    const begins: number[] = [];
    for (let column = 0; column < columns; column++) {
      at.skip(at.varint());
      const type = at.text();
      found.push(type);
      begins.push(at.place);
      // Of other types there is no saying how long they are.
      if (type === "String") for (let row = 0; row < rows; row++) at.skip(at.varint());
      else at.skip(rows * NUMBER_BYTES);
      if (at.place > bytes.length || (blocks.length > 0 && type !== types[column])) return null;
    }
    types = found;
    blocks.push({ rows, begins });
    length += rows;
  }
  return { bytes, blocks, types, length };
}

class Reading {
  readonly #bytes: Buffer;
  place: number;

  constructor(bytes: Buffer, place: number = 0) {
    this.#bytes = bytes;
    this.place = place;
  }

  /** Behind the end there are zeros. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.place++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  skip(bytes: number): void {
    this.place += bytes;
  }

  text(): string {
    const length = this.varint();
    this.place += length;
    return this.#bytes.toString("utf8", this.place - length, this.place);
  }
}

function checkType({ types, length }: Blocks, column: number, type: string): void {
  if (length === 0) return;
  const found = types[column];
  if (found === undefined) throw new Error(`the answer has ${types.length} columns, column ${column} was asked for`);
  if (found !== type) throw new Error(`column ${column} of the answer is no ${type}`);
}

/** Copies: numbers stand where no typed array may begin. */
function numbersOf(all: Blocks, column: number): Float64Array {
  checkType(all, column, "Float64");
  const numbers = new Float64Array(all.length);
  const into = new Uint8Array(numbers.buffer);
  let at = 0;
  for (const { rows, begins } of all.blocks) {
    const begin = begins[column] as number;
    into.set(all.bytes.subarray(begin, begin + rows * NUMBER_BYTES), at);
    at += rows * NUMBER_BYTES;
  }
  return numbers;
}

function textsOf(all: Blocks, column: number): (row: number) => string {
  checkType(all, column, "String");
  const { bytes } = all;
  const begins = new Uint32Array(all.length);
  const ends = new Uint32Array(all.length);
  let next = 0;
  for (const block of all.blocks) {
    const at = new Reading(bytes, block.begins[column]);
    for (let row = 0; row < block.rows; row++) {
      const length = at.varint();
      begins[next] = at.place;
      ends[next++] = at.place += length;
    }
  }
  let [from, to, text, known] = [0, 0, "", -1];
  return (row) => {
    if (row === known) return text;
    known = row;
    const [begin, end] = [begins[row] as number, ends[row] as number];
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
