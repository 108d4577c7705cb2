/** Refused events with what a review needs of them: instant, code and machine (RV-2, SC-1). */
import type { Period } from "@oee/calendar";
import type { RefusalCode } from "@oee/model";

/** The partition and offset of a refused event in the log. */
export interface RefusedAt {
  readonly partition: string;
  readonly offset: number;
}

interface Refused {
  readonly place: RefusedAt | null;
  readonly code: RefusalCode;
  readonly at: number;
  readonly machine: string | null;
}

export class RecordedRefusals {
  readonly #max: number;
  #refused: Refused[] = [];

  /** At most `max` refusals are kept; with more, the older half is dropped. */
  constructor(max: number = Infinity) {
    this.#max = max;
  }

  /** Adds a refused event; one whose `at` cannot be read lies in no period and is passed over. */
  add(code: RefusalCode, at: number | null, machine: string | null, place: RefusedAt | null = null): void {
    if (at === null) return;
    this.#refused.push({ code, at, machine, place });
    // Half of them are dropped at once, so that not every addition copies all the others.
    if (this.#refused.length > this.#max) this.#refused = this.#refused.slice(-Math.ceil(this.#max / 2));
  }

  /** The refusals before some offsets, by partition; one without a known place is always among them. */
  before(offsets: Readonly<Record<string, number>>): RecordedRefusals {
    const before = new RecordedRefusals();
    for (const { code, at, machine, place } of this.#refused) {
      if (place === null || place.offset < (offsets[place.partition] ?? 0)) before.add(code, at, machine, place);
    }
    return before;
  }

  /** Ids of machines that the plant lacks, of refused events in a period; each once. */
  undeclaredIn({ from, to }: Period): readonly string[] {
    const ids = new Set<string>();
    for (const { code, at, machine } of this.#refused) {
      if (code === "unknown-machine" && machine !== null && at >= from && at < to) ids.add(machine);
    }
    return [...ids];
  }

  /** All machines that the plant lacks, by id: the first and last instant of their refused events (epoch ms), and their number. */
  undeclared(): ReadonlyMap<string, { readonly first: number; readonly last: number; readonly count: number }> {
    const known = new Map<string, { first: number; last: number; count: number }>();
    for (const { code, at, machine } of this.#refused) {
      if (code !== "unknown-machine" || machine === null) continue;
      const before = known.get(machine) ?? { first: at, last: at, count: 0 };
      known.set(machine, {
        first: Math.min(before.first, at),
        last: Math.max(before.last, at),
        count: before.count + 1,
      });
    }
    return known;
  }

  countsIn({ from, to }: Period): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { code, at } of this.#refused) if (at >= from && at < to) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }
}
