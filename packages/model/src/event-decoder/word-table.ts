/** A fixed set of ASCII words, found by their bytes without making a text of them. Open addressing, at most half full. */

export const HASH_SEED = 0;

/** The hash with one byte more, which the scanner computes as it goes: 31 times and add, in three cycles. */
export function hashStep(hash: number, byte: number): number {
  return ((hash << 5) - hash + byte) | 0;
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

interface Entry<T> {
  readonly word: Uint8Array;
  readonly hash: number;
  readonly value: T;
}

export class WordTable<T> {
  readonly #mask: number;
  readonly #slots: (Entry<T> | null)[];

  /** Words that are not ASCII are never found. */
  constructor(words: Iterable<readonly [string, T]>) {
    const entries = Array.from(words, ([text, value]) => {
      const word = ascii(text);
      return { word, hash: hashOf(word, 0, word.length), value };
    });
    let size = 8;
    while (size < entries.length * 2) size *= 2;
    this.#mask = size - 1;
    this.#slots = Array.from({ length: size }, () => null);
    for (const entry of entries) {
      let slot = entry.hash & this.#mask;
      while ((this.#slots[slot] ?? null) !== null) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = entry;
    }
  }

  /** The value of the word `bytes[start, end)`, whose hash the caller knows. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): T | undefined {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = this.#slots[slot] ?? null;
      if (entry === null) return undefined;
      if (entry.hash === hash && bytesEqual(entry.word, bytes, start, end)) return entry.value;
    }
  }
}
