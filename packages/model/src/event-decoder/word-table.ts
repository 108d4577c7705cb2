/** A fixed set of ASCII words, found by their bytes without making a text of them. Open addressing, at most half full. */
import { hashOf } from "./words.ts";

/** The slot of a hash among `2^(32 − shift)`: Fibonacci hashing, for names that end in a number have hashes in a row. */
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
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x80 ? code : 0;
  });
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
  readonly #bytes: Uint8Array;
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
    const bytes: number[] = [];
    for (const [i, [text]] of listed.entries()) {
      const word = ascii(text);
      const hash = hashOf(word, 0, word.length);
      let slot = slotOf(hash, shift);
      while (this.#slots[slot << SLOT_SHIFT] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots.set([i + 1, hash, word.length, bytes.length], slot << SLOT_SHIFT);
      bytes.push(...word);
    }
    this.#bytes = Uint8Array.from(bytes);
  }

  /** The value of the word `bytes[start, end)`, whose hash the caller knows. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): T | undefined {
    const slots = this.#slots;
    for (let slot = slotOf(hash, this.#shift); ; slot = (slot + 1) & this.#mask) {
      const at = slot << SLOT_SHIFT;
      const entry = (slots[at] ?? 0) - 1;
      if (entry < 0) return undefined;
      if (slots[at + HASH] !== hash || slots[at + LENGTH] !== end - start) continue;
      if (this.#isAt(slots[at + START] ?? 0, bytes, start, end)) return this.#values[entry];
    }
  }

  #isAt(first: number, bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#bytes;
    for (let i = start, j = first; i < end; i++, j++) if (words[j] !== bytes[i]) return false;
    return true;
  }
}
