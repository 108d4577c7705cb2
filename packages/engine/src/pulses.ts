/**
 * Whether a machine runs, told by its counts (TL-9). Production is cut at pulses; a part between two cuts that is too long
 * is idle. Of the pulses only the long times between them are held, however many there are.
 */
import type { StateName } from "@oee/model";
import type { Classifier } from "./classifier.ts";
import { append, type Segment } from "./segments.ts";

/** A time between two pulses next to each other that is longer than `pulseGap`; infinite before the first and after the last. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A part of production between two cuts, in force just before an instant. */
export interface Part {
  readonly from: number;
  /** Whether a pulse lies at its start. */
  readonly byPulse: boolean;
  /** The time that a count of 1 takes in the job in force at its start; 0: there is no PRI. */
  readonly cycleMs: number;
  /** From where on it is idle, as it was judged for the rows before that instant; `Infinity`: it runs. */
  readonly idleFrom: number;
}

/** Takes what counts brought, in order of time (TL-9). */
export interface PulseSink {
  /** What a count brought at an instant, which never goes back. */
  add(at: number, pieces: number): void;
  /** Notes the newest pulse so far; no count of an instant that was taken comes any more. */
  note(): void;
}

/** Gathers the pulses of a span of time. */
export class Pulses implements PulseSink {
  readonly gapMs: number;
  readonly #gaps: Gap[] = [];
  readonly #noted: number[] = [];
  #at = -Infinity;
  #pieces = 0;
  #last = -Infinity;
  #first = Infinity;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  add(at: number, pieces: number): void {
    if (at !== this.#at) this.#settle();
    this.#at = at;
    this.#pieces += pieces;
  }

  note(): void {
    this.#settle();
    this.#noted.push(this.#last);
  }

  /** The newest pulse at each call of `note`; `-Infinity`: there was none. */
  get noted(): readonly number[] {
    return this.#noted;
  }

  /** The long times, by time, when all counts are taken. */
  gaps(): readonly Gap[] {
    this.#settle();
    return [...this.#gaps, { from: this.#last, to: Infinity }];
  }

  /** The newest pulse; `-Infinity`: there is none. */
  get last(): number {
    this.#settle();
    return this.#last;
  }

  /** The first pulse; `Infinity`: there is none. */
  get first(): number {
    this.#settle();
    return this.#first;
  }

  /** CN-1: counts of one instant are one. */
  #settle(): void {
    const isPulse = this.#pieces > 0;
    this.#pieces = 0;
    if (!isPulse) return;
    const at = this.#at;
    if (this.#first === Infinity) this.#first = at;
    if (at - this.#last > this.gapMs) this.#gaps.push({ from: this.#last, to: at });
    this.#last = at;
  }
}

/** A part that is idle from some instant on. */
interface IdlePart {
  readonly from: number;
  readonly to: number;
  readonly idleFrom: number;
}

export const NO_PARTS: ReadonlySet<number> = new Set();

/**
 * What a pass over a machine's time knows of its production. `endInPulses`: starts (epoch ms) of parts of which it is known
 * ahead that a pulse will end them.
 */
export class Production {
  readonly #from: number;
  readonly #pulses: Pulses;
  readonly #classifier: Classifier;
  readonly #cycleMsAt: (instant: number) => number;
  /** The part in force just before `from`. */
  readonly #before: Part | null;
  readonly #endInPulses: ReadonlySet<number>;
  #to = -Infinity;
  readonly #spans: { readonly from: number; to: number }[] = [];
  readonly #idle: IdlePart[] = [];

  constructor(
    from: number,
    pulses: Pulses,
    classifier: Classifier,
    cycleMsAt: (instant: number) => number,
    before: Part | null,
    endInPulses: ReadonlySet<number> = NO_PARTS,
  ) {
    this.#endInPulses = endInPulses;
    this.#from = from;
    this.#pulses = pulses;
    this.#classifier = classifier;
    this.#cycleMsAt = cycleMsAt;
    this.#before = before;
  }

  /** TL-9 (b): segments as TL-4 leaves them, which cover the pass without gaps, with what is idle in them. */
  cut(segments: readonly Segment[]): Segment[] {
    for (const { from, to, state } of segments) {
      this.#to = to;
      if (!this.#isProduction(state)) continue;
      const last = this.#spans[this.#spans.length - 1];
      if (last?.to === from) last.to = to;
      else this.#spans.push({ from, to });
    }
    this.#judge();
    const result: Segment[] = [];
    let i = 0;
    for (const { from, to, state, reason } of segments) {
      let at = from;
      while (this.#isProduction(state) && at < to) {
        while (i < this.#idle.length && (this.#idle[i] as IdlePart).to <= at) i++;
        const part = this.#idle[i];
        if (part === undefined || part.idleFrom >= to) break;
        if (part.idleFrom > at) append(result, at, part.idleFrom, state, reason, null);
        const end = Math.min(to, part.to);
        append(result, Math.max(at, part.idleFrom), end, "idle", null, null);
        at = end;
      }
      if (at < to) append(result, at, to, state, reason, null);
    }
    return result;
  }

  /**
   * The oldest instant before the pass of which rows were made that are wrong now, for the part in force there has turned
   * out otherwise; `null`: they are right.
   */
  get wrongFrom(): number | null {
    const before = this.#before;
    if (before === null) return null;
    const was = Math.min(before.idleFrom, this.#from);
    const is = Math.min(this.#idleFromOf(before.from), this.#from);
    return was === is ? null : Math.min(was, is);
  }

  /** The part in force just before an instant of the pass, `lastPulse` being the newest pulse before it. */
  partBefore(instant: number, lastPulse: number): Part | null {
    const span = this.#spans.find(({ from, to }) => from < instant && instant <= to);
    if (span === undefined) return null;
    const before = this.#before;
    if (before !== null && span.from === this.#from && lastPulse === -Infinity) {
      return { ...before, idleFrom: this.#idleFromOf(before.from) };
    }
    const from = Math.max(span.from, lastPulse);
    return {
      from,
      byPulse: lastPulse >= span.from,
      cycleMs: this.#cycleMsAt(from),
      idleFrom: this.#idleFromOf(from),
    };
  }

  #isProduction(state: StateName): boolean {
    return this.#classifier.classOf(state, null).category === "production";
  }

  #idleFromOf(partFrom: number): number {
    return this.#idle.find(({ from }) => from === partFrom)?.idleFrom ?? Infinity;
  }

  #judge(): void {
    const gaps = this.#pulses.gaps();
    const first = gaps[0] as Gap;
    const before = this.#before;
    // A part that ended where the pass begins, for what comes is no production.
    if (before !== null && this.#spans[0]?.from !== this.#from) {
      this.#judgePart(before.from, this.#from, before.byPulse || first.to === this.#from, before.cycleMs);
    }
    let g = 0;
    for (const span of this.#spans) {
      while ((gaps[g] as Gap).to < span.from) g++;
      for (let i = g; i < gaps.length && (gaps[i] as Gap).from < span.to; i++) {
        const gap = gaps[i] as Gap;
        const to = Math.min(span.to, gap.to);
        const pulseAtEnd = gap.to <= span.to;
        if (before !== null && span.from === this.#from && gap.from === -Infinity) {
          this.#judgePart(before.from, to, before.byPulse || pulseAtEnd, before.cycleMs);
          continue;
        }
        const from = Math.max(span.from, gap.from);
        if (from < to) this.#judgePart(from, to, gap.from >= span.from || pulseAtEnd, this.#cycleMsAt(from));
      }
    }
  }

  #judgePart(from: number, to: number, withPulse: boolean, cycleMs: number): void {
    if (to - from <= Math.max(this.#pulses.gapMs, cycleMs)) return;
    // Of a part that has not ended it is believed; one that has ended tells it itself.
    const hasPulse = withPulse || (to === this.#to && this.#endInPulses.has(from));
    this.#idle.push({ from, to, idleFrom: hasPulse ? from + cycleMs : from });
  }
}
