/**
 * A cache from the bytes of a text (state, reason, product, order) to what was made of it, because the same few texts come in
 * most events. It has 1,024 slots for texts of at most 128 bytes; a text takes the slot that its hash names, and the one that
 * was there is forgotten, so that memory is bounded.
 */
import { decodeUtf8 } from "./utf8.ts";
import { bytesEqual, slotOf } from "./word-table.ts";

const SLOTS_SHIFT = 22;
const SLOTS: number = 2 ** (32 - SLOTS_SHIFT);
const TEXT_BYTES_MAX = 128;
const NOTHING = new Uint8Array(0);

export class TextCache<T> {
  readonly #make: (text: string) => T;
  readonly #keys: Uint8Array[] = Array.from({ length: SLOTS }, () => NOTHING);
  readonly #made: (T | null)[] = Array.from({ length: SLOTS }, () => null);

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  /** What was made of the text in `bytes[start, end)`, which is not empty; `null` when that is not UTF-8. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): T | null {
    const slot = slotOf(hash, SLOTS_SHIFT);
    if (bytesEqual(this.#keys[slot] ?? NOTHING, bytes, start, end)) return this.#made[slot] ?? null;
    const text = decodeUtf8(bytes, start, end);
    if (text === null) return null;
    const made = this.#make(text);
    if (end - start <= TEXT_BYTES_MAX) {
      // A copy, which `slice` of a Buffer would not be: it would keep the whole of what was read, and change with it.
      this.#keys[slot] = new Uint8Array(bytes.subarray(start, end));
      this.#made[slot] = made;
    }
    return made;
  }
}
