/**
 * Texts written one after the other as bytes. There is always room: what does not fit goes to a new piece of memory, and
 * pieces that are full stay as they are, so a text that was written never moves. The last piece is used again for the next texts.
 */
const PIECE_BYTES = 4 * 1024;
/** A larger piece is given back. */
const KEPT_MAX = 4 * 1024 * 1024;
const WORD_BYTES = 4;
const ZERO = 0x30;
const MINUS = 0x2d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DIGITS_MAX = 17;
const BILLION = 1_000_000_000;

/** Whether `bytes[from, to)` is ASCII of which JSON needs no character escaped. */
export function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}

export class TextRoom {
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #start = 0;
  #at = 0;

  /** The piece that the text at hand lies in. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Where in `bytes` the text at hand begins. */
  get start(): number {
    return this.#start;
  }

  /** Where in `bytes` it ends so far. */
  get end(): number {
    return this.#at;
  }

  /** How long (bytes) the text at hand is so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Forgets all texts, whose memory is used again. Call it when nothing reads them any more. */
  clear(): void {
    if (this.#bytes.length > KEPT_MAX) this.#use(Buffer.alloc(0));
    this.#start = 0;
    this.#at = 0;
  }

  /** Begins another text. */
  begin(): void {
    this.#start = this.#at;
  }

  /** Takes back what was written of the text at hand beyond a length. */
  cut(length: number): void {
    this.#at = this.#start + length;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  append(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    const piece = this.#bytes;
    const at = this.#at;
    // Most are short: a call would cost more than the bytes.
    for (let i = 0; i < length; i++) piece[at + i] = bytes[i] as number;
    this.#at = at + length;
  }

  /** Text of ASCII characters. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const piece = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < length; i++) piece[at + i] = text.charCodeAt(i);
    this.#at = at + length;
  }

  /** A safe integer in decimal digits. */
  integer(value: number): void {
    this.#reserve(DIGITS_MAX);
    const piece = this.#bytes;
    let at = this.#at;
    let rest = value;
    if (rest < 0) {
      piece[at++] = MINUS;
      rest = -rest;
    }
    if (rest < BILLION) at = writeDigits(piece, at, rest, 1);
    else {
      const high = Math.floor(rest / BILLION);
      at = writeDigits(piece, at, high, 1);
      at = writeDigits(piece, at, rest - high * BILLION, 9);
    }
    this.#at = at;
  }

  /** `bytes[from, to)` between quotes; it is plain. */
  quoted(bytes: DataView, from: number, to: number): void {
    this.byte(QUOTE);
    this.copy(bytes, from, to);
    this.byte(QUOTE);
  }

  /** `bytes[from, to)`, most often few: a call would cost more than the bytes. */
  copy(bytes: DataView, from: number, to: number): void {
    this.#reserve(to - from);
    const view = this.#view;
    const apart = this.#at - from;
    let at = from;
    for (; at + WORD_BYTES <= to; at += WORD_BYTES) view.setUint32(at + apart, bytes.getUint32(at, true), true);
    for (; at < to; at++) view.setUint8(at + apart, bytes.getUint8(at));
    this.#at = to + apart;
  }

  /** Writes a byte of the text at hand again. */
  put(place: number, byte: number): void {
    this.#bytes[this.#start + place] = byte;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const { length } = this;
    const more = Math.min(2 * this.#bytes.length, KEPT_MAX);
    const piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, more, 2 * (length + bytes)));
    piece.set(this.#bytes.subarray(this.#start, this.#at));
    this.#use(piece);
    this.#start = 0;
    this.#at = length;
  }

  #use(piece: Buffer): void {
    this.#bytes = piece;
    this.#view = new DataView(piece.buffer);
  }
}

/** Writes a number of `[0, 10^9)` at a place, with leading zeros up to `least` digits; returns the place behind it. */
function writeDigits(bytes: Uint8Array, at: number, value: number, least: number): number {
  let digits = least;
  for (let bound = 10 ** least; digits < 9 && value >= bound; bound *= 10) digits++;
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const tens = (rest / 10) | 0;
    bytes[i] = ZERO + rest - 10 * tens;
    rest = tens;
  }
  return at + digits;
}
