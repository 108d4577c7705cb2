/**
 * Which components of a machine's rows are ever not 0: of most machines 7 of 19. Numbers of many rows are kept for these alone, and in
 * 32 bits until one does not fit.
 */
import { WIDTH } from "@oee/model";

/** Whole numbers, as narrow as they allow. */
export type Numbers = Int32Array | Float64Array;

/** The components that there are columns for. Machines of a plant mostly have the same, and share this. */
export interface Columns {
  /** As bits. */
  readonly mask: number;
  readonly places: readonly number[];
  /** By place; 0 where there is none. */
  readonly columnOf: Uint8Array;
}

export const NO_NUMBERS: Int32Array = new Int32Array(0);

const COLUMNS_MAX = 1_024;
const columnsByMask = new Map<number, Columns>();

/** The columns of a mask, in which bit `i` stands for the component at place `i`. */
export function columnsOf(mask: number): Columns {
  const known = columnsByMask.get(mask);
  if (known !== undefined) return known;
  const places: number[] = [];
  const columnOf = new Uint8Array(WIDTH);
  for (let place = 0; place < WIDTH; place++) {
    if ((mask & (1 << place)) !== 0) columnOf[place] = places.push(place) - 1;
  }
  const columns = { mask, places, columnOf };
  if (columnsByMask.size === COLUMNS_MAX) columnsByMask.clear();
  columnsByMask.set(mask, columns);
  return columns;
}

export const NO_COLUMNS: Columns = columnsOf(0);

/** The numbers of so many rows, with columns of zeros for the components that only `after` has. */
export function widened(values: Numbers, rows: number, before: Columns, after: Columns): Numbers {
  const width = after.places.length;
  const wider = values instanceof Int32Array ? new Int32Array(rows * width) : new Float64Array(rows * width);
  for (const [column, place] of before.places.entries()) {
    const to = after.columnOf[place] as number;
    for (let row = 0; row < rows; row++) {
      wider[row * width + to] = values[row * before.places.length + column] as number;
    }
  }
  return wider;
}
