/** What a recompute of a machine found out, and the next one of the same time has to know ahead (TL-9). */
import { minuteStart } from "@oee/columns";

/** Time (ms) that a recompute computes in one step. */
export const STEP_MS: number = 24 * 3_600_000;

/** A span (epoch ms) that is computed in one step, because an event near its end changes the rows at its beginning (TL-9). */
export interface AtOnce {
  readonly from: number;
  readonly to: number;
}

export class FoundOut {
  readonly #endInPulses = new Set<number>();
  #atOnce: AtOnce | null = null;

  /** Starts (epoch ms) of parts of production that end in a pulse (TL-9). */
  get endInPulses(): ReadonlySet<number> {
    return this.#endInPulses;
  }

  get atOnce(): AtOnce | null {
    return this.#atOnce;
  }

  /**
   * Notes that computing a step that ends at `to` changed rows from `at` (epoch ms) on that an earlier step had made. Where
   * that is long before, a part of production began there that a pulse ends; else, or if that was known, it takes one step.
   */
  note({ at, to }: Wrong): void {
    const isPart = to - at > 2 * STEP_MS && !this.#endInPulses.has(at);
    if (isPart) this.#endInPulses.add(at);
    else this.#atOnce = { from: minuteStart(at), to };
  }
}

/** Rows from `at` (epoch ms) on changed with the step that ends at `to`, and the engine held them no more. */
export interface Wrong {
  readonly at: number;
  readonly to: number;
}
