/**
 * What is made of texts that come again and again (states, reasons, products, orders), found by their bytes. Each slot
 * holds the text that used it last, so the memory is bounded whatever comes: 1,024 texts of at most 128 bytes.
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
      this.#keys[slot] = bytes.slice(start, end);
      this.#made[slot] = made;
    }
    return made;
  }
}
