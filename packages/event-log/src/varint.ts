/**
 * Kafka's variable-length integers: zigzag, seven bits a byte, least significant first. Reading beyond the end throws
 * `OEE_LOG_CORRUPT`: lengths come from stored bytes and are not to be trusted.
 */
import { LogError } from "./error.ts";

export class Cursor {
  readonly bytes: Buffer;
  readonly end: number;
  position: number;

  constructor(bytes: Buffer, position: number, end: number) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** A varint of up to 32 bits. */
  varint(): number {
    let shift = 0;
    let raw = 0;
    for (;;) {
      const byte = this.#byte();
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
      shift += 7;
      if (shift > 28) return this.#fifthByte(raw);
    }
  }

  #fifthByte(low: number): number {
    const byte = this.#byte();
    if (byte > 0x0f) throw new LogError("OEE_LOG_CORRUPT", `a varint at ${this.position} has more than 32 bits`);
    const raw = low | (byte << 28);
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** A varint of up to 64 bits, exact up to 2^53. */
  varlong(): number {
    let scale = 1;
    let raw = 0;
    for (let i = 0; i < 10; i += 1) {
      const byte = this.#byte();
      raw += (byte & 0x7f) * scale;
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      scale *= 128;
    }
    throw new LogError("OEE_LOG_CORRUPT", `a varint at ${this.position} has more than 64 bits`);
  }

  /** Moves on by `length` bytes. */
  skip(length: number): void {
    if (length < 0 || this.position + length > this.end) {
      throw new LogError(
        "OEE_LOG_CORRUPT",
        `${length} bytes expected at ${this.position}, but the end is at ${this.end}`,
      );
    }
    this.position += length;
  }

  /** A view of the next `length` bytes. */
  take(length: number): Buffer {
    const start = this.position;
    this.skip(length);
    return this.bytes.subarray(start, this.position);
  }

  #byte(): number {
    if (this.position >= this.end) throw new LogError("OEE_LOG_CORRUPT", `the end at ${this.end} is within a varint`);
    const byte = this.bytes[this.position] as number;
    this.position += 1;
    return byte;
  }
}

/** How many bytes the varint of a 32-bit integer takes. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5;
}

/** Writes a 32-bit integer and answers the position after it. */
export function writeVarint(bytes: Buffer, position: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = position;
  while (zigzag >= 0x80) {
    bytes[at] = (zigzag & 0x7f) | 0x80;
    at += 1;
    zigzag >>>= 7;
  }
  bytes[at] = zigzag;
  return at + 1;
}
