/**
 * When a machine was silent for longer than its `staleAfter` (TL-4). Holds only the long gaps between events,
 * exactly, in whatever order the events come.
 */

/** From an event to the next one. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface Silence {
  readonly from: number;
  readonly to: number;
}

export interface PresenceSnapshot {
  readonly gaps: readonly Gap[];
  readonly first: number;
  readonly last: number;
}

const NO_SILENCES: readonly Silence[] = [];

export class Presence {
  readonly #staleAfterMs: number | null;
  /** Longer than this, the time between two events is a gap. */
  readonly #gapOver: number;
  #gaps: Gap[] = [];
  #first = Infinity;
  #last = -Infinity;

  constructor(staleAfterMs: number | null) {
    this.#staleAfterMs = staleAfterMs;
    this.#gapOver = staleAfterMs ?? Number.MAX_VALUE;
  }

  /** The instant of the newest event, `-Infinity` before the first. */
  get last(): number {
    return this.#last;
  }

  /** The instant of the oldest event, `Infinity` before the first. */
  get first(): number {
    return this.#first;
  }

  /** Takes note of an event of any type but `correction`. */
  add(at: number): void {
    const since = at - this.#last;
    if (since >= 0) {
      if (since > this.#gapOver) this.#noteGap(at);
      this.#last = at;
    } else this.#addBefore(at);
  }

  /** Notes the gap that ends at an event; at the first event, which no gap precedes, notes its instant. */
  #noteGap(at: number): void {
    if (this.#first === Infinity) this.#first = at;
    else this.#gaps.push({ from: this.#last, to: at });
  }

  #addBefore(at: number): void {
    const limit = this.#staleAfterMs;
    if (at < this.#first) {
      if (limit !== null && this.#first - at > limit) this.#gaps.unshift({ from: at, to: this.#first });
      this.#first = at;
      return;
    }
    if (limit === null) return;
    for (let i = this.#gaps.length - 1; i >= 0; i--) {
      const gap = this.#gaps[i] as Gap;
      if (gap.to <= at) return;
      if (gap.from >= at) continue;
      const parts = [
        { from: gap.from, to: at },
        { from: at, to: gap.to },
      ].filter((part) => part.to - part.from > limit);
      this.#gaps.splice(i, 1, ...parts);
      return;
    }
  }

  /** The times without data that overlap `[from, to)`, in order; the last may reach beyond `to`. */
  silences(from: number, to: number): readonly Silence[] {
    const limit = this.#staleAfterMs;
    if (limit === null || (this.#gaps.length === 0 && this.#last + limit >= to)) return NO_SILENCES;
    const found: Silence[] = [];
    for (const gap of this.#gaps) {
      if (gap.to > from && gap.from + limit < to) found.push({ from: gap.from + limit, to: gap.to });
    }
    if (this.#last + limit < to) found.push({ from: this.#last + limit, to: Infinity });
    return found;
  }

  forgetBefore(instant: number): void {
    if (this.#gaps.length === 0) return;
    this.#gaps = this.#gaps.filter((gap) => gap.to > instant);
  }

  snapshot(): PresenceSnapshot {
    return { gaps: [...this.#gaps], first: this.#first, last: this.#last };
  }

  static restore(staleAfterMs: number | null, { gaps, first, last }: PresenceSnapshot): Presence {
    const presence = new Presence(staleAfterMs);
    presence.#gaps = [...gaps];
    presence.#first = first;
    presence.#last = last;
    return presence;
  }
}
