/**
 * Texts that come again and again (states, reasons, products, orders), made once from their bytes. Each slot holds the
 * text that used it last, so the memory is bounded whatever comes: 1,024 texts of at most 128 bytes.
 */
import { decodeUtf8 } from "./utf8.ts";
import { bytesEqual } from "./word-table.ts";

const SLOTS = 1024;
const TEXT_BYTES_MAX = 128;
const NOTHING = new Uint8Array(0);

export class TextCache {
  readonly #transform: (text: string) => string;
  readonly #keys: Uint8Array[] = Array.from({ length: SLOTS }, () => NOTHING);
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** `transform` is applied once to each text that comes in, and its result is what the cache gives. */
  constructor(transform: (text: string) => string) {
    this.#transform = transform;
  }

  /** The text in `bytes[start, end)`, which is not empty; `null` when that is not UTF-8. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): string | null {
    // FNV's low bits alone are weak on short texts that differ in the last character only.
    const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    if (bytesEqual(this.#keys[slot] ?? NOTHING, bytes, start, end)) return this.#texts[slot] ?? null;
    const decoded = decodeUtf8(bytes, start, end);
    if (decoded === null) return null;
    const text = this.#transform(decoded);
    if (end - start <= TEXT_BYTES_MAX) {
      this.#keys[slot] = bytes.slice(start, end);
      this.#texts[slot] = text;
    }
    return text;
  }
}
