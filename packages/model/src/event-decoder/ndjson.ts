/**
 * Lines of NDJSON out of chunks of bytes, without copying a line that lies whole in its chunk. CRLF, a byte order mark at
 * the start and a last line without newline are tolerated; blank lines are counted and passed over. Memory is bounded by
 * `lineBytesMax`: a longer line is reported and skipped, never kept.
 */
import { skipWhitespace } from "./json-span.ts";
import type { Refusal } from "./refusal.ts";

const LF = 0x0a;
const CR = 0x0d;

export const LINE_BYTES_MAX: number = 1024 * 1024;

/** One line that is not blank: `bytes[start, end)`, valid only during the call. Line numbers begin at 1. */
export type OnLine = (bytes: Uint8Array, start: number, end: number, line: number) => void;
/**
 * Takes the line that begins at `start` if it knows it at sight and its newline lies before `end`, and answers where the
 * newline is; −1 leaves the line to be found and given to `OnLine`.
 */
export type TakeLine = (bytes: Uint8Array, start: number, end: number, line: number) => number;
export type OnLineRefused = (refusal: Refusal, line: number) => void;

export class NdjsonSplitter {
  readonly #onLine: OnLine;
  readonly #onRefused: OnLineRefused;
  readonly #lineBytesMax: number;
  readonly #takeLine: TakeLine | null;
  #line = 1;
  /** The beginning of a line whose end has not come. */
  #kept: Uint8Array = new Uint8Array(0);
  #keptLength = 0;
  /** Whether the line that has begun is longer than allowed. */
  #skipping = false;

  constructor(
    onLine: OnLine,
    onRefused: OnLineRefused,
    lineBytesMax: number = LINE_BYTES_MAX,
    takeLine: TakeLine | null = null,
  ) {
    this.#takeLine = takeLine;
    this.#onLine = onLine;
    this.#onRefused = onRefused;
    this.#lineBytesMax = lineBytesMax;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.#keptLength > 0 || this.#skipping) {
      const newline = chunk.indexOf(LF);
      const end = newline < 0 ? chunk.length : newline;
      this.#keep(chunk, 0, end);
      if (newline < 0) return;
      this.#endKept();
      start = newline + 1;
    }
    for (;;) {
      let newline = this.#taken(chunk, start);
      if (newline < 0) {
        newline = chunk.indexOf(LF, start);
        if (newline < 0) break;
        this.#emit(chunk, start, newline);
      }
      start = newline + 1;
    }
    this.#keep(chunk, start, chunk.length);
  }

  #taken(chunk: Uint8Array, start: number): number {
    if (this.#takeLine === null) return -1;
    const end = Math.min(chunk.length, start + this.#lineBytesMax + 1);
    const newline = this.#takeLine(chunk, start, end, this.#line);
    if (newline >= 0) this.#line++;
    return newline;
  }

  /** Ends the last line, where no newline did. */
  finish(): void {
    if (this.#keptLength > 0 || this.#skipping) this.#endKept();
  }

  #endKept(): void {
    const length = this.#keptLength;
    this.#keptLength = 0;
    if (this.#skipping) {
      this.#skipping = false;
      this.#refuse();
    } else {
      this.#emit(this.#kept, 0, length);
    }
  }

  #emit(bytes: Uint8Array, start: number, lineEnd: number): void {
    let from = start;
    let end = lineEnd;
    if (this.#line === 1 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf) from += 3;
    if (end > from && bytes[end - 1] === CR) end--;
    if (end - from > this.#lineBytesMax) this.#refuse();
    else if (skipWhitespace(bytes, from, end) < end) this.#onLine(bytes, from, end, this.#line++);
    else this.#line++;
  }

  #refuse(): void {
    this.#onRefused(
      { code: "malformed", detail: `expected a line of at most ${this.#lineBytesMax} bytes, found a longer one` },
      this.#line++,
    );
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (this.#skipping) return;
    const length = this.#keptLength + end - start;
    // Room for a byte order mark and a carriage return, which are not the line's own.
    if (length > this.#lineBytesMax + 4) {
      this.#skipping = true;
      this.#keptLength = 0;
      return;
    }
    if (length > this.#kept.length) {
      const grown = new Uint8Array(Math.min(Math.max(length, 2 * this.#kept.length, 4096), this.#lineBytesMax + 4));
      grown.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = grown;
    }
    this.#kept.set(chunk.subarray(start, end), this.#keptLength);
    this.#keptLength = length;
  }
}
