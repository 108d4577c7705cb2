/**
 * The entries of a chunk of counts as bytes: a count like the one before it takes the time since then, two bytes where
 * it is some seconds, in place of five. What lies behind the newest counts is rarely read, and is held and checkpointed so.
 */

/** In order of time. An entry is ms after the chunk's base and a code, its value stands beside it. */
export interface Unpacked {
  readonly entries: Int32Array;
  readonly values: Int8Array | Int32Array | Float64Array;
}

/** The lowest bits of an entry: what it counts. */
export const CODE_BITS = 4;
export const CODE: number = 2 ** CODE_BITS - 1;
/** The flag of a running total in a code: of these the difference to the last one of the same code is packed. */
export const TOTAL = 8;

/** Larger values are not packed: twice the difference of two would not be exact. */
const VALUE_MAX = 2 ** 50;
const BYTES_AN_ENTRY_MAX = 5 + 1 + 8;

let room: Uint8Array = new Uint8Array(512 * BYTES_AN_ENTRY_MAX);
/** The last total of each code. */
const totals = new Float64Array(CODE + 1);

/** The bytes of the first `length` entries, in memory of their own; `null`: some value is no whole number or is too large. */
export function packed({ entries, values }: Unpacked, length: number): Uint8Array | null {
  if (room.length < length * BYTES_AN_ENTRY_MAX) room = new Uint8Array(length * BYTES_AN_ENTRY_MAX);
  const bytes = room;
  let at = 0;
  let offset = length === 0 ? 0 : (entries[0] as number) >> CODE_BITS;
  let code = 0;
  let value = 1;
  totals.fill(0);
  for (let i = 0; i < length; i++) {
    const entry = entries[i] as number;
    const next = entry >> CODE_BITS;
    const nextCode = entry & CODE;
    const nextValue = values[i] as number;
    const alike = nextCode === code && nextValue === value;
    at = write(bytes, at, 2 * (next - offset) + (alike ? 0 : 1));
    offset = next;
    if (alike) continue;
    if (!Number.isInteger(nextValue) || Math.abs(nextValue) > VALUE_MAX) return null;
    code = nextCode;
    value = nextValue;
    bytes[at++] = code;
    let number = value;
    if ((code & TOTAL) !== 0) {
      number -= totals[code] as number;
      totals[code] = value;
    }
    at = write(bytes, at, number < 0 ? -2 * number - 1 : 2 * number);
  }
  return bytes.slice(0, at);
}

/** What was packed of so many entries, of which the first is so many ms after the base; with room for `capacity`. */
export function unpacked(bytes: Uint8Array, length: number, first: number, capacity: number): Unpacked {
  const buffer = new ArrayBuffer(5 * capacity);
  const entries = new Int32Array(buffer, 0, capacity);
  let values: Unpacked["values"] = new Int8Array(buffer, 4 * capacity, capacity);
  let at = 0;
  let offset = first;
  let code = 0;
  let value = 1;
  totals.fill(0);
  for (let i = 0; i < length; i++) {
    let head = bytes[at++] as number;
    if (head >= 128) {
      head &= 127;
      for (let scale = 128; ; scale *= 128) {
        const byte = bytes[at++] as number;
        head += (byte & 127) * scale;
        if (byte < 128) break;
      }
    }
    if (head % 2 === 1) {
      code = bytes[at++] as number;
      let number = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[at++] as number;
        number += (byte & 127) * scale;
        if (byte < 128) break;
      }
      value = number % 2 === 1 ? -(number + 1) / 2 : number / 2;
      if ((code & TOTAL) !== 0) {
        value += totals[code] as number;
        totals[code] = value;
      }
      head--;
    }
    offset += head / 2;
    entries[i] = (offset << CODE_BITS) | code;
    values[i] = value;
    if (values[i] === value) continue;
    values = widened(values, value);
    values[i] = value;
  }
  return { entries, values };
}

/** A copy of values that has room for one that does not fit. */
export function widened(values: Unpacked["values"], value: number): Int32Array | Float64Array {
  const wider = value === (value | 0) ? new Int32Array(values.length) : new Float64Array(values.length);
  wider.set(values);
  return wider;
}

/** Writes a whole number from 0 on, seven bits a byte, and answers the place behind it. */
function write(bytes: Uint8Array, at: number, number: number): number {
  let rest = number;
  let place = at;
  while (rest >= 128) {
    bytes[place++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[place++] = rest;
  return place;
}
