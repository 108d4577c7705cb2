/**
 * Finds where a value begins and ends in a JSON text, without parsing it. The text is not checked: callers use these on text
 * that has been parsed, or parse it when a value is not where they expect it.
 */
import { decodeUtf8 } from "./utf8.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The first position from `position` on that holds no JSON whitespace; `end` when there is none. */
export function skipWhitespace(bytes: Uint8Array, position: number, end: number): number {
  let p = position;
  while (p < end) {
    const byte = bytes[p] ?? 0;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return p;
    p++;
  }
  return p;
}

/** The position after the value that begins at `start`. Nesting costs no stack. */
export function skipValue(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  let p = start;
  while (p < end) {
    switch (bytes[p]) {
      case QUOTE:
        p = skipString(bytes, p, end);
        break;
      case 0x7b:
      case 0x5b:
        depth++;
        p++;
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        p++;
        break;
      default:
        p = depth === 0 ? skipScalar(bytes, p, end) : p + 1;
    }
    if (depth === 0) return p;
  }
  return end;
}

/** Where the value of each member of the object at `start` begins. Of members with one name the last counts. */
export function memberStarts(bytes: Uint8Array, start: number, end: number): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  let p = skipWhitespace(bytes, start + 1, end);
  while (p < end && bytes[p] === QUOTE) {
    const keyEnd = skipString(bytes, p, end);
    const key: unknown = JSON.parse(decodeUtf8(bytes, p, keyEnd) ?? '""');
    const valueStart = skipWhitespace(bytes, skipWhitespace(bytes, keyEnd, end) + 1, end);
    starts.set(String(key), valueStart);
    p = skipWhitespace(bytes, skipValue(bytes, valueStart, end), end);
    // The comma, or the closing brace, after which the loop ends.
    p = skipWhitespace(bytes, p + 1, end);
  }
  return starts;
}

function skipString(bytes: Uint8Array, quote: number, end: number): number {
  for (let p = quote + 1; p < end; p++) {
    const byte = bytes[p];
    if (byte === BACKSLASH) p++;
    else if (byte === QUOTE) return p + 1;
  }
  return end;
}

function skipScalar(bytes: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end && !endsScalar(bytes[p] ?? 0)) p++;
  return p;
}

function endsScalar(byte: number): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7d || byte <= 0x20;
}
