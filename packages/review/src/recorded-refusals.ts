/** Refused events as far as a review asks for them: when, why, and of which machine (RV-2, SC-1). */
import type { Period } from "@oee/calendar";
import type { RefusalCode } from "@oee/model";

/** Where a refused event was in the log. */
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

  /** `max`: how many at most are kept, of the newest. */
  constructor(max: number = Infinity) {
    this.#max = max;
  }

  /** One whose `at` cannot be read lies in no period, and is left out. */
  add(code: RefusalCode, at: number | null, machine: string | null, place: RefusedAt | null = null): void {
    if (at === null) return;
    this.#refused.push({ code, at, machine, place });
    // Half of them go at once, so that not every one moves all the others.
    if (this.#refused.length > this.#max) this.#refused = this.#refused.slice(-Math.ceil(this.#max / 2));
  }

  /** Those before some offsets, by partition; of no known place is before all. */
  before(offsets: Readonly<Record<string, number>>): RecordedRefusals {
    const before = new RecordedRefusals();
    for (const { code, at, machine, place } of this.#refused) {
      if (place === null || place.offset < (offsets[place.partition] ?? 0)) before.add(code, at, machine, place);
    }
    return before;
  }

  /** The ids of machines that the plant lacks, each once. */
  undeclaredIn({ from, to }: Period): readonly string[] {
    const ids = new Set<string>();
    for (const { code, at, machine } of this.#refused) {
      if (code === "unknown-machine" && machine !== null && at >= from && at < to) ids.add(machine);
    }
    return [...ids];
  }

  /** All machines that the plant lacks, by id: when they were first and last told of (epoch ms), and how often. */
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
