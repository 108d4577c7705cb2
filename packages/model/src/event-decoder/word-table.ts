/** A fixed set of ASCII words, found by their bytes without making a text of them. Open addressing, at most half full. */

export const HASH_SEED = 0;

/** The hash with one byte more, which the scanner computes as it goes: 31 times and add, in three cycles. */
function hashStep(hash: number, byte: number): number {
  return ((hash << 5) - hash + byte) | 0;
}

/** The slot of a hash among `2^(32 − shift)`: Fibonacci hashing, for names that end in a number have hashes in a row. */
export function slotOf(hash: number, shift: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> shift;
}

export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = hashStep(hash, bytes[i] ?? 0);
  return hash;
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

export class WordTable<T> {
  readonly #mask: number;
  readonly #shift: number;
  /** By slot: the entry there, counted from 1; 0 for none. */
  readonly #slots: Int32Array;
  /** By entry. The words lie one after the other, the last byte of each before the first of the next. */
  readonly #hashes: Int32Array;
  readonly #starts: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #values: readonly T[];

  /** Words that are not ASCII are never found. */
  constructor(words: Iterable<readonly [string, T]>) {
    const entries = [...words];
    const encoded = entries.map(([text]) => ascii(text));
    this.#values = entries.map(([, value]) => value);
    this.#hashes = Int32Array.from(encoded, (word) => hashOf(word, 0, word.length));
    this.#starts = new Int32Array(encoded.length + 1);
    for (const [i, word] of encoded.entries()) this.#starts[i + 1] = (this.#starts[i] ?? 0) + word.length;
    this.#bytes = new Uint8Array(this.#starts.at(-1) ?? 0);
    for (const [i, word] of encoded.entries()) this.#bytes.set(word, this.#starts[i]);
    let shift = 29;
    while (2 ** (32 - shift) < entries.length * 2) shift--;
    this.#shift = shift;
    this.#slots = new Int32Array(2 ** (32 - shift));
    this.#mask = this.#slots.length - 1;
    for (const [i, hash] of this.#hashes.entries()) {
      let slot = slotOf(hash, this.#shift);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = i + 1;
    }
  }

  /** The value of the word `bytes[start, end)`, whose hash the caller knows. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): T | undefined {
    for (let slot = slotOf(hash, this.#shift); ; slot = (slot + 1) & this.#mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return undefined;
      if (this.#hashes[entry] === hash && this.#isWord(entry, bytes, start, end)) return this.#values[entry];
    }
  }

  #isWord(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#bytes;
    const first = this.#starts[entry] ?? 0;
    if ((this.#starts[entry + 1] ?? 0) - first !== end - start) return false;
    for (let i = start, j = first; i < end; i++, j++) if (words[j] !== bytes[i]) return false;
    return true;
  }
}
