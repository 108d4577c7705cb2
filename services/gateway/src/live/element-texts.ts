/**
 * Elements as JSON, made once for all views that show the same windows: until their scope changes, and no longer than an update may
 * wait, for time alone changes what an element says. They lie in one piece of memory in which the newest takes the place of the
 * oldest: views that one change concerns are sent one after another, and what lives for longer than that is moved and looked for by
 * the collector.
 */
import type { Scope } from "@oee/model";

const KEPT_BYTES = 1024 * 1024;

/** The memory of elements: all texts of a live channel share one. */
export class ElementMemory {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(KEPT_BYTES);
  /** How much was ever put into it: the place of the next, but for what it is a multiple of. */
  put = 0;

  /** Keeps a copy; answers its place, or `null`: it is too long. */
  keep(element: Uint8Array): number | null {
    const { length } = element;
    if (length > KEPT_BYTES) return null;
    const at = this.put % KEPT_BYTES;
    // It lies in one piece.
    if (at + length > KEPT_BYTES) this.put += KEPT_BYTES - at;
    const place = this.put;
    this.bytes.set(element, place % KEPT_BYTES);
    this.put += length;
    return place;
  }

  /** What was kept at a place; `null`: something newer took it. */
  at(place: number, length: number): Uint8Array | null {
    if (this.put - place > KEPT_BYTES) return null;
    const at = place % KEPT_BYTES;
    return this.bytes.subarray(at, at + length);
  }
}

interface Kept {
  /** In the memory; `NaN`: it is being made. */
  place: number;
  length: number;
}

export class ElementTexts {
  /** What its views have in common. */
  readonly key: string;
  readonly #keptMs: number;
  readonly #memory: ElementMemory;
  readonly #kept = new Map<Scope, Kept>();
  #since = -Infinity;

  constructor(key: string, keptMs: number, memory: ElementMemory) {
    this.key = key;
    this.#keptMs = keptMs;
    this.#memory = memory;
  }

  /** Forgets all where the oldest may be too old at `now` (epoch ms). */
  asOf(now: number): void {
    if (Math.abs(now - this.#since) < this.#keptMs) return;
    this.#kept.clear();
    this.#since = now;
  }

  /** The element of a scope, to be read before the next is made. */
  of(scope: Scope): Uint8Array | null {
    const kept = this.#kept.get(scope);
    return kept === undefined || Number.isNaN(kept.place) ? null : this.#memory.at(kept.place, kept.length);
  }

  /** The element of a scope is being made. */
  begin(scope: Scope): void {
    this.#kept.set(scope, { place: Number.NaN, length: 0 });
  }

  /** It was made, and is kept unless the scope changed meanwhile. */
  made(scope: Scope, element: Uint8Array): void {
    const kept = this.#kept.get(scope);
    if (kept === undefined) return;
    const place = this.#memory.keep(element);
    if (place === null) return;
    kept.place = place;
    kept.length = element.length;
  }

  /** The scope changed. */
  forget(scope: Scope): void {
    this.#kept.delete(scope);
  }
}
