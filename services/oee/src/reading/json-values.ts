/**
 * Objects out of JSON that is not one a line: an array of them, or objects laid out over lines. Each is handed on as a line
 * of its own, with the number of the line where it begins; what stands between objects and is none goes on as it is, to be
 * refused. Memory is bounded by `bytesMax`: a longer object is reported and passed over.
 */
import type { OnLine, OnLineRefused } from "@oee/model";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonValues {
  readonly #onValue: OnLine;
  readonly #onRefused: OnLineRefused;
  readonly #bytesMax: number;
  #value: Uint8Array = new Uint8Array(4096);
  /** May grow beyond the most that is kept. */
  #length = 0;
  #line = 1;
  #begunAt = 1;
  /** Brackets and braces that are open within the value. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** Brackets that are open around values. */
  #around = 0;

  constructor(onValue: OnLine, onRefused: OnLineRefused, bytesMax: number) {
    this.#onValue = onValue;
    this.#onRefused = onRefused;
    this.#bytesMax = bytesMax;
  }

  push(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.#depth > 0) this.#within(byte);
      else this.#between(byte);
      if (byte === LF) this.#line++;
    }
  }

  /** Hands on the last value, where nothing ended it. */
  finish(): void {
    this.#end();
  }

  /** Whether an array has begun and not ended. */
  get isOpen(): boolean {
    return this.#around > 0;
  }

  #within(byte: number): void {
    this.#keep(byte === LF || byte === CR ? SPACE : byte);
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inText = false;
    } else if (byte === QUOTE) {
      this.#inText = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      this.#depth++;
    } else if (byte === 0x7d || byte === 0x5d) {
      this.#depth--;
      if (this.#depth === 0) this.#end();
    }
  }

  #between(byte: number): void {
    switch (byte) {
      case 0x7b: // {
        this.#end();
        this.#depth = 1;
        this.#keep(byte);
        break;
      case 0x5b: // [
        this.#end();
        this.#around++;
        break;
      case 0x5d: // ]
        this.#end();
        this.#around--;
        break;
      case 0x2c: // ,
      case LF:
        this.#end();
        break;
      case SPACE:
      case 0x09:
      case CR:
        break;
      default:
        this.#keep(byte);
    }
  }

  #keep(byte: number): void {
    if (this.#length === 0) this.#begunAt = this.#line;
    if (this.#length === this.#value.length && this.#length < this.#bytesMax) {
      const grown = new Uint8Array(Math.min(2 * this.#length, this.#bytesMax));
      grown.set(this.#value);
      this.#value = grown;
    }
    this.#value[this.#length++] = byte;
  }

  #end(): void {
    const length = this.#length;
    this.#length = 0;
    this.#depth = 0;
    this.#inText = false;
    this.#escaped = false;
    if (length === 0) return;
    if (length <= this.#bytesMax) this.#onValue(this.#value, 0, length, this.#begunAt);
    else {
      const detail = `expected an event of at most ${this.#bytesMax} bytes, found a longer one`;
      this.#onRefused({ code: "malformed", detail }, this.#begunAt);
    }
  }
}
