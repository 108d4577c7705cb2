/** A map from a fixed set of ASCII words to values, by a hash of the word's bytes, so that no text is made to look one up. Open addressing; at most half of the slots are taken. */
import { hashOf, wordOf } from "./words.ts";

/** The slot of a hash among `2^(32 − shift)` slots, by Fibonacci hashing: names that end in a number have hashes one after the other, which it spreads. */
export function slotOf(hash: number, shift: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> shift;
}

export function bytesEqual(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = word.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (word[i] !== bytes[start + i]) return false;
  return true;
}

/** The bytes of an ASCII text; any other character becomes a 0, which no text read from JSON has bare. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeAscii(text, bytes, 0);
  return bytes;
}

function writeAscii(text: string, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[at + i] = code < 0x80 ? code : 0;
  }
}

/** What a slot holds: the entry there, counted from 1; its hash; its length; where its bytes begin. */
const SLOT_SHIFT = 2;
const HASH = 1;
const LENGTH = 2;
const START = 3;

export class WordTable<T> {
  readonly #mask: number;
  readonly #shift: number;
  readonly #slots: Int32Array;
  /** The bytes of all words, each filled up with 0 to a multiple of four; and the same as numbers of four bytes. */
  readonly #bytes: Uint8Array;
  readonly #fours: Int32Array;
  readonly #values: readonly T[];

  /** Words that are not ASCII are never found. */
  constructor(entries: Iterable<readonly [string, T]>) {
    const listed = [...entries];
    this.#values = listed.map(([, value]) => value);
    let shift = 29;
    while (2 ** (32 - shift) < listed.length * 2) shift--;
    this.#shift = shift;
    const slots = 2 ** (32 - shift);
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots << SLOT_SHIFT);
    // A word of which nothing is left over gets no filling.
    const bytes = new Uint8Array(listed.reduce((sum, [text]) => sum + ((text.length + 3) & ~3), 0));
    let start = 0;
    listed.forEach(([text], i) => {
      writeAscii(text, bytes, start);
      const hash = hashOf(bytes, start, start + text.length);
      let slot = slotOf(hash, shift);
      while (this.#slots[slot << SLOT_SHIFT] !== 0) slot = (slot + 1) & this.#mask;
      const at = slot << SLOT_SHIFT;
      this.#slots[at] = i + 1;
      this.#slots[at + HASH] = hash;
      this.#slots[at + LENGTH] = text.length;
      this.#slots[at + START] = start;
      start += (text.length + 3) & ~3;
    });
    this.#bytes = bytes;
    this.#fours = new Int32Array(bytes.length >> 2);
    for (let i = 0; i < this.#fours.length; i++) this.#fours[i] = wordOf(bytes, 4 * i, bytes.length);
  }

  /** The value of the word `bytes[start, end)`, whose hash the caller knows. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): T | undefined {
    const length = end - start;
    for (let slot = this.#slotOf(hash, length); slot >= 0; slot = this.#slotAfter(slot, hash, length)) {
      if (this.#isAt(this.#slots[slot + START] ?? 0, bytes, start, end)) return this.#valueIn(slot);
    }
    return undefined;
  }

  /** The same for the `length` bytes from `start` on, of which `view` has three more than the word. */
  getAt(view: DataView, start: number, length: number, hash: number): T | undefined {
    const whole = start + (length & ~3);
    const restMask = (1 << (8 * (length & 3))) - 1;
    for (let slot = this.#slotOf(hash, length); slot >= 0; slot = this.#slotAfter(slot, hash, length)) {
      let four = (this.#slots[slot + START] ?? 0) >> 2;
      let p = start;
      while (p < whole && this.#fours[four] === view.getInt32(p, true)) {
        four++;
        p += 4;
      }
      if (p < whole) continue;
      if (restMask === 0 || this.#fours[four] === (view.getInt32(p, true) & restMask)) return this.#valueIn(slot);
    }
    return undefined;
  }

  /** Where the first slot of this hash and length begins; −1 where there is none. */
  #slotOf(hash: number, length: number): number {
    return this.#slotFrom(slotOf(hash, this.#shift), hash, length);
  }

  #slotAfter(slot: number, hash: number, length: number): number {
    return this.#slotFrom(((slot >> SLOT_SHIFT) + 1) & this.#mask, hash, length);
  }

  #slotFrom(first: number, hash: number, length: number): number {
    const slots = this.#slots;
    for (let slot = first; ; slot = (slot + 1) & this.#mask) {
      const at = slot << SLOT_SHIFT;
      if (slots[at] === 0) return -1;
      if (slots[at + HASH] === hash && slots[at + LENGTH] === length) return at;
    }
  }

  #isAt(first: number, bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#bytes;
    for (let i = start, j = first; i < end; i++, j++) if (words[j] !== bytes[i]) return false;
    return true;
  }

  #valueIn(slot: number): T | undefined {
    return this.#values[(this.#slots[slot] ?? 0) - 1];
  }
}
