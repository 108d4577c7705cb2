/**
 * Cuts the text of a JSON array into its elements, one a call, without parsing the array as a whole. Each call reads at most
 * as many bytes as one element may have, so that the caller can stop, or let other work run, between two elements. Elements
 * are not checked: the caller parses each.
 */
import { skipValue, skipWhitespace } from "./json-span.ts";

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
/** What no value begins with: `,` `:` `]` `}`. */
const NO_VALUE: ReadonlySet<number | undefined> = new Set([COMMA, 0x3a, CLOSE, 0x7d]);

export type Step = "element" | "end" | "malformed" | "too-large";

export class ArrayElements {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #elementBytesMax: number;
  #at: number;
  #first = true;
  /** Where the element begins and ends that `next` found. */
  start = 0;
  end = 0;

  /** `bytes[start]` is the opening bracket. */
  constructor(bytes: Uint8Array, start: number, end: number, elementBytesMax: number) {
    this.#bytes = bytes;
    this.#at = start + 1;
    this.#end = end;
    this.#elementBytesMax = elementBytesMax;
  }

  /** Goes to the next element; `malformed`: no comma, or no value, stands where one has to. */
  next(): Step {
    const [bytes, end] = [this.#bytes, this.#end];
    let at = skipWhitespace(bytes, this.#at, end);
    if (bytes[at] === CLOSE) return skipWhitespace(bytes, at + 1, end) === end ? "end" : "malformed";
    if (!this.#first) {
      if (bytes[at] !== COMMA) return "malformed";
      at = skipWhitespace(bytes, at + 1, end);
    }
    if (at >= end || NO_VALUE.has(bytes[at])) return "malformed";
    const limit = Math.min(end, at + this.#elementBytesMax + 1);
    this.start = at;
    this.end = this.#at = skipValue(bytes, at, limit);
    this.#first = false;
    return this.end - at > this.#elementBytesMax ? "too-large" : "element";
  }
}

/** Whether a JSON text is an array, if it is any JSON at all; where its bracket stands, or −1. */
export function arrayStart(bytes: Uint8Array): number {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const start = skipWhitespace(bytes, marked ? 3 : 0, bytes.length);
  return bytes[start] === OPEN ? start : -1;
}
