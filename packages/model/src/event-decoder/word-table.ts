/** A fixed set of ASCII words, found by their bytes without making a text of them. Open addressing, at most half full. */

export const HASH_SEED: number = 0x811c9dc5 | 0;
export const HASH_PRIME = 0x01000193;

/** FNV-1a, which the scanner also computes as it goes over a text. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), HASH_PRIME);
  return hash;
}

export function bytesEqual(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = word.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (word[i] !== bytes[start + i]) return false;
  return true;
}

interface Entry<T> {
  readonly word: Uint8Array;
  readonly hash: number;
  readonly value: T;
}

export class WordTable<T> {
  readonly #mask: number;
  readonly #slots: (Entry<T> | null)[];

  /** Words that are not ASCII are left out: the careful path finds them. */
  constructor(words: Iterable<readonly [string, T]>) {
    const entries = [...words].flatMap(([word, value]) => entryOf(word, value));
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

function entryOf<T>(text: string, value: T): Entry<T>[] {
  const word = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return [];
    word[i] = code;
  }
  return [{ word, hash: hashOf(word, 0, word.length), value }];
}
