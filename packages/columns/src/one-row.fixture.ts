/** Rows of a machine, for tests of columns. */
import { type RowHead, PLACE, WIDTH } from "@oee/model";

export function headOf(product: string | null, more: Partial<RowHead> = {}): RowHead {
  return { machine: "m", product, shift: null, shiftDate: null, taktUs: null, costPerHour: null, decimals: 0, ...more };
}

/** The numbers of a row with this run time (ms) and good count, and 0 in all other components. */
export function numbersOf(runTime: number, goodCount = 0): Float64Array {
  const numbers = new Float64Array(WIDTH);
  numbers[PLACE.runTime] = runTime;
  numbers[PLACE.goodCount] = goodCount;
  return numbers;
}
