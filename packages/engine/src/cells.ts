/**
 * How time is cut into rows. Stored rows have cells of one UTC minute (PE-1); a replay cuts at the bounds
 * of the periods that were asked for, and the same sweep fills either (P-1).
 */
import { MINUTE_MS } from "./zone.ts";

export interface Cells {
  /** The bounds of the cell that holds an instant. */
  startOf(instant: number): number;
  endOf(instant: number): number;
}

export const MINUTE_CELLS: Cells = {
  startOf: (instant) => Math.floor(instant / MINUTE_MS) * MINUTE_MS,
  endOf: (instant) => (Math.floor(instant / MINUTE_MS) + 1) * MINUTE_MS,
};

/** Cells between sorted, distinct cuts; time outside of them belongs to the first and the last. */
export function cellsBetween(cuts: readonly number[]): Cells {
  let last = 0;
  const indexOf = (instant: number): number => {
    if (instant >= (cuts[last] ?? Infinity) && instant < (cuts[last + 1] ?? Infinity)) return last;
    let low = 0;
    let high = Math.max(0, cuts.length - 2);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((cuts[middle] as number) <= instant) low = middle;
      else high = middle - 1;
    }
    last = low;
    return low;
  };
  return {
    startOf: (instant) => cuts[indexOf(instant)] ?? -Infinity,
    endOf: (instant) => cuts[indexOf(instant) + 1] ?? Infinity,
  };
}
