/**
 * JSON as UTF-8 bytes, written into memory that is kept: texts of elements and messages would come and go by the hundred megabytes a
 * second, and what is still needed when V8 collects is copied by it. Writes what `JSON.stringify` would.
 */
import { DECIMAL_BYTES_MAX, writeDecimal } from "./shortest-decimal.ts";

const FIRST_BYTES = 32 * 1024;
/** Pieces below this are copied faster byte by byte than by a call. */
const BY_CALL_FROM = 40;
/** Whole numbers below this, and the two halves of others, are written by divisions of 32-bit numbers. */
const BILLION = 1e9;
const BILLION_DIGITS = 9;
/** Numbers below this with three decimals have fewer digits than any two doubles share. */
const TRILLION = 1e12;
const NUMBER_BYTES_MAX = DECIMAL_BYTES_MAX;
const ZERO = 0x30;
const POINT = 0x2e;

/** Bytes of a text that is JSON already, such as a name with its colon. */
export function jsonPiece(json: string): Uint8Array {
  return Buffer.from(json);
}

const NULL = jsonPiece("null");

export class JsonBytes {
  readonly #reserved: number;
  #bytes: Buffer;
  #at: number;

  /** `reserved`: bytes at the beginning that are left to the caller. */
  constructor(reserved: number = 0) {
    this.#reserved = reserved;
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#at = reserved;
  }

  /** Nothing is written any more. */
  clear(): this {
    this.#at = this.#reserved;
    return this;
  }

  /** How many bytes there is room for. */
  get room(): number {
    return this.#bytes.length;
  }

  /** Where the next byte comes, counted from the first that is reserved. */
  get at(): number {
    return this.#at;
  }

  /** The memory, of which the bytes from `reserved` to `at` are written: it is written anew after `clear`. */
  get memory(): Buffer {
    return this.#bytes;
  }

  /** Gives what is written away, with its memory, and goes on in new memory of that size. */
  take(): Buffer {
    const { written } = this;
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length);
    this.#at = this.#reserved;
    return written;
  }

  /** What is written: a view, valid until more is. */
  get written(): Buffer {
    return this.#bytes.subarray(this.#reserved, this.#at);
  }

  toString(): string {
    return this.#bytes.toString("utf8", this.#reserved, this.#at);
  }

  piece(piece: Uint8Array): this {
    const { length } = piece;
    // A number may follow it without looking for room again.
    if (this.#at + length + NUMBER_BYTES_MAX > this.#bytes.length) this.#makeRoom(length + NUMBER_BYTES_MAX);
    const bytes = this.#bytes;
    const at = this.#at;
    if (length >= BY_CALL_FROM) bytes.set(piece, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = piece[i] as number;
    this.#at = at + length;
    return this;
  }

  /** A piece and the number that comes after it. */
  field(piece: Uint8Array, value: number | null): this {
    this.piece(piece);
    if (value !== 0) return this.number(value);
    this.#bytes[this.#at++] = ZERO;
    return this;
  }

  /** A text that is JSON already. */
  json(json: string): this {
    this.#makeRoom(3 * json.length);
    this.#at += this.#bytes.write(json, this.#at);
    return this;
  }

  number(value: number | null): this {
    if (value === null) return this.piece(NULL);
    if (value >= 0 && Number.isSafeInteger(value)) this.#whole(value);
    else if (value > 0 && value < TRILLION && Math.round(value * 1000) / 1000 === value) this.#thousandths(value);
    else this.#decimal(value);
    return this;
  }

  #decimal(value: number): void {
    this.#makeRoom(NUMBER_BYTES_MAX);
    const end = writeDecimal(this.#bytes, this.#at, value);
    if (end < 0) this.#ascii(Number.isFinite(value) ? String(value) : "null");
    else this.#at = end;
  }

  #whole(value: number): void {
    this.#makeRoom(NUMBER_BYTES_MAX);
    if (value < BILLION) {
      this.#digits(value | 0, digitsOf(value));
      return;
    }
    let billions = Math.floor(value / BILLION);
    let rest = value - billions * BILLION;
    // The quotient was rounded up to a whole number.
    if (rest < 0) {
      billions--;
      rest += BILLION;
    }
    this.#digits(billions | 0, digitsOf(billions));
    this.#digits(rest | 0, BILLION_DIGITS);
  }

  /** Writes a number below a trillion of one to three decimals. */
  #thousandths(value: number): void {
    const whole = Math.floor(value);
    const rest = Math.round((value - whole) * 1000);
    this.#whole(whole);
    this.#bytes[this.#at++] = POINT;
    const digits = rest % 100 === 0 ? 1 : rest % 10 === 0 ? 2 : 3;
    const hundreds = (rest / 100) | 0;
    this.#bytes[this.#at++] = ZERO + hundreds;
    if (digits > 1) this.#digits(((rest - hundreds * 100) / (digits === 2 ? 10 : 1)) | 0, digits - 1);
  }

  /** Writes a number below a billion with so many digits. */
  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    let left = value;
    for (let place = at + count - 1; place >= at; place--) {
      const tens = (left / 10) | 0;
      bytes[place] = ZERO + left - tens * 10;
      left = tens;
    }
    this.#at = at + count;
  }

  #ascii(text: string): void {
    const { length } = text;
    this.#makeRoom(length);
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    this.#at = at + length;
  }

  #makeRoom(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(bytes, 0, 0, this.#at);
    this.#bytes = bytes;
  }
}

/** How many digits a whole number below a billion has. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
