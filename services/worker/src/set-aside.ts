/**
 * What of one machine could not be stored: the machine's other rows and all other machines go on. It is tried again when
 * the machine is computed anew from before it, which a restart does, for the checkpoint holds it. Meanwhile readiness, a
 * metric and the log name it.
 */
export interface AsideSnapshot {
  readonly key: string;
  /** The first instant that the record speaks of (epoch ms). */
  readonly at: number;
  readonly why: string;
}

/** More of one machine are counted and not named. */
const NAMED_MAX = 1_000;
const WHY_MAX = 300;

export class SetAside {
  readonly #records = new Map<string, AsideSnapshot>();

  get size(): number {
    return this.#records.size;
  }

  /** The first instant that any of it speaks of (epoch ms); `null`: there is nothing. */
  get oldest(): number | null {
    let oldest: number | null = null;
    for (const { at } of this.#records.values()) oldest = Math.min(at, oldest ?? at);
    return oldest;
  }

  /** In words: how many, from when on, and why the first; `null`: there is nothing. */
  get words(): string | null {
    if (this.#records.size === 0) return null;
    const [first] = [...this.#records.values()].sort((a, b) => a.at - b.at);
    if (first === undefined) return null;
    return `${this.#records.size} not stored, the first of ${new Date(first.at).toISOString()}: ${first.why}`;
  }

  add(key: string, at: number, why: string): void {
    if (this.#records.size < NAMED_MAX) this.#records.set(key, { key, at, why: why.slice(0, WHY_MAX) });
  }

  /** It was stored after all. */
  stored(key: string): void {
    this.#records.delete(key);
  }

  /** All from an instant on is computed anew: what cannot be stored then will be noted again. */
  forgetFrom(instant: number): void {
    for (const { key, at } of this.#records.values()) if (at >= instant) this.#records.delete(key);
  }

  snapshot(): readonly AsideSnapshot[] {
    return [...this.#records.values()];
  }

  restore(snapshot: readonly AsideSnapshot[]): void {
    for (const { key, at, why } of snapshot) this.add(key, at, why);
  }
}
