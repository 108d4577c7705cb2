/**
 * Records of one machine that the store refused for what they are, and that were set aside so that all others go on. The
 * checkpoint lists them, so that a restart recomputes the machine from the oldest of them and tries to store them again.
 * Meanwhile readiness, a metric and the log name the machine.
 */
export interface AsideSnapshot {
  readonly key: string;
  /** The first instant that the record speaks of (epoch ms). */
  readonly at: number;
  readonly why: string;
}

/** At most this many records of one machine are listed. */
const NAMED_MAX = 1_000;
const WHY_MAX = 300;
/** Of thousands of machines none has any: a map of each would be marked with each collection of V8's heap. */
const NONE: ReadonlyMap<string, AsideSnapshot> = new Map();

export class SetAside {
  #known: Map<string, AsideSnapshot> | null = null;

  get #records(): ReadonlyMap<string, AsideSnapshot> {
    return this.#known ?? NONE;
  }

  get size(): number {
    return this.#records.size;
  }

  /** The instant (epoch ms) of the oldest record set aside; `null`: there is none. */
  get oldest(): number | null {
    let oldest: number | null = null;
    for (const { at } of this.#records.values()) oldest = Math.min(at, oldest ?? at);
    return oldest;
  }

  /** Their number, and the instant and cause of the oldest, in a sentence; `null`: there is none. */
  get words(): string | null {
    if (this.#records.size === 0) return null;
    const [first] = [...this.#records.values()].sort((a, b) => a.at - b.at);
    if (first === undefined) return null;
    return `${this.#records.size} not stored, the first of ${new Date(first.at).toISOString()}: ${first.why}`;
  }

  add(key: string, at: number, why: string): void {
    if (this.size >= NAMED_MAX) return;
    this.#known ??= new Map();
    this.#known.set(key, { key, at, why: why.slice(0, WHY_MAX) });
  }

  has(key: string): boolean {
    return this.#records.has(key);
  }

  /** Removes a record that was stored after all. */
  stored(key: string): void {
    this.#known?.delete(key);
  }

  /** Removes records from `instant` (epoch ms) on, because that time is computed anew: those refused again are added again. */
  forgetFrom(instant: number): void {
    for (const { key, at } of this.#records.values()) if (at >= instant) this.#known?.delete(key);
  }

  snapshot(): readonly AsideSnapshot[] {
    return [...this.#records.values()];
  }

  restore(snapshot: readonly AsideSnapshot[]): void {
    for (const { key, at, why } of snapshot) this.add(key, at, why);
  }
}
