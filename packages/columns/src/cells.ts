/**
 * How time is cut into rows. Stored rows have cells of one UTC minute (PE-1); a replay cuts at the bounds
 * of the periods that were asked for, and the same sweep fills either (P-1).
 */
import { MINUTE_MS } from "@oee/calendar";

export interface Cells {
  /** The number of the cell that holds an instant: one more for each later cell. */
  indexOf(instant: number): number;
  /** The bounds of a cell. */
  startOf(index: number): number;
  endOf(index: number): number;
}

export const MINUTE_CELLS: Cells = {
  indexOf: minuteOf,
  startOf: (index) => index * MINUTE_MS,
  endOf: (index) => (index + 1) * MINUTE_MS,
};

/** The number of an instant's UTC minute, counted from 1970. */
export function minuteOf(instant: number): number {
  return Math.floor(instant / MINUTE_MS);
}

/** Where an instant's UTC minute begins. */
export function minuteStart(instant: number): number {
  return minuteOf(instant) * MINUTE_MS;
}

/** Cells between sorted, distinct cuts; time outside of them belongs to the first and the last. */
export function cellsBetween(cuts: readonly number[]): Cells {
  let last = 0;
  return {
    indexOf: (instant) => {
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
    },
    startOf: (index) => cuts[index] ?? -Infinity,
    endOf: (index) => cuts[index + 1] ?? Infinity,
  };
}
