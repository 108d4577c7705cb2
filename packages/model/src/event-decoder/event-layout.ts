/**
 * How a producer writes the events of one kind: the bytes that are always the same, and what stands between them. It is
 * learned from one event that was scanned, and lets the next of its kind be compared four bytes at a time.
 */
import { wordOf } from "./words.ts";

/** What stands between two literals. Texts come first, then numbers. */
export const END = 0;
export const MACHINE_TEXT = 1;
export const AT_TEXT = 2;
export const STATE_TEXT = 3;
export const REASON_TEXT = 4;
export const ID_TEXT = 5;
export const PRODUCT_TEXT = 6;
export const ORDER_TEXT = 7;
export const AT_NUMBER = 8;
export const GOOD_NUMBER = 9;
export const SCRAP_NUMBER = 10;
export const REWORK_NUMBER = 11;
export const GOOD_TOTAL = 12;
export const SCRAP_TOTAL = 13;
export const REWORK_TOTAL = 14;
export const STATE_NUMBER = 15;

const LF = 0x0a;

/** An event with more values, or longer literals, has no layout. */
const VALUES_MAX = 16;
const LITERAL_BYTES_MAX = 512;

export interface EventLayout {
  /** The first letter of its type. */
  readonly type: number;
  readonly startup: boolean;
  /**
   * For each literal: how many words of four bytes, these, then the mask of the bytes that are left, these bytes, their
   * number, and what follows the literal.
   */
  readonly code: Int32Array;
}

/** Where the values of an event stand that is being scanned. */
export class ValueMarks {
  #count = 0;
  readonly #kinds = new Uint8Array(VALUES_MAX);
  readonly #starts = new Int32Array(VALUES_MAX);
  readonly #ends = new Int32Array(VALUES_MAX);

  clear(): void {
    this.#count = 0;
  }

  add(kind: number, start: number, end: number): void {
    const i = this.#count++;
    if (i >= VALUES_MAX) return;
    this.#kinds[i] = kind;
    this.#starts[i] = start;
    this.#ends[i] = end;
  }

  /** The layout of the event `bytes[start, end)` with these values; `null` if it is too long, or of several lines. */
  layout(bytes: Uint8Array, start: number, end: number, type: number, startup: boolean): EventLayout | null {
    if (this.#count > VALUES_MAX) return null;
    for (let p = start; p < end; p++) if (bytes[p] === LF) return null;
    const code: number[] = [];
    let literalBytes = 0;
    let from = start;
    for (let i = 0; i <= this.#count; i++) {
      const last = i === this.#count;
      const to = last ? end : (this.#starts[i] ?? 0);
      literalBytes += to - from;
      addLiteral(code, bytes, from, to, last ? END : (this.#kinds[i] ?? END));
      from = this.#ends[i] ?? end;
    }
    return literalBytes > LITERAL_BYTES_MAX ? null : { type, startup, code: Int32Array.from(code) };
  }
}

function addLiteral(code: number[], bytes: Uint8Array, start: number, end: number, kind: number): void {
  const words = (end - start) >> 2;
  const left = (end - start) & 3;
  code.push(words);
  for (let i = 0; i < words; i++) code.push(wordOf(bytes, start + 4 * i, end));
  code.push((1 << (8 * left)) - 1, wordOf(bytes, end - left, end), left, kind);
}
