/**
 * The lost versions of one partition: rows that earlier owners wrote after their last checkpoint, and that may not follow
 * from it (`epoch.ts`), and when the store is searched for them next. The search is repeated for some minutes, because an
 * owner that lost the partition without knowing may still write; then the versions are forgotten.
 */
import type { VersionSpan } from "@oee/store";

/** Pauses between searches that find none. */
const LOOKED_FOR_AFTER_MS = [5_000, 30_000, 120_000, 600_000];

export class LostVersions {
  #spans: readonly VersionSpan[];
  /** Searches since one last found some, and when the next is due (ms of the monotonic clock). */
  #searches = 0;
  #dueAt = 0;
  /** By machine, from which instant (epoch ms) it was recomputed because of them. */
  readonly #recomputed: Map<string, number> = new Map();

  constructor(spans: readonly VersionSpan[]) {
    this.#spans = spans;
  }

  get spans(): readonly VersionSpan[] {
    return this.#spans;
  }

  /** Whether a search is due at `now` (ms of the monotonic clock). */
  isDue(now: number): boolean {
    return this.#spans.length > 0 && now >= this.#dueAt;
  }

  /** A search ended at `now` (ms of the monotonic clock); `found`: there were rows under them, which are being mended. */
  searched(found: boolean, now: number): void {
    if (found) this.#searches = 0;
    const wait = LOOKED_FOR_AFTER_MS[this.#searches++];
    if (wait === undefined) this.#spans = [];
    else this.#dueAt = now + wait;
  }

  /** Notes that a machine is recomputed from an instant (epoch ms) on. `false`: it was from there before, and that did not help. */
  recomputes(machine: string, from: number): boolean {
    if (this.#recomputed.get(machine) === from) return false;
    this.#recomputed.set(machine, from);
    return true;
  }
}
