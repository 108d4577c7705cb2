/**
 * The differences between rows as they were and as a sweep made them, in columns; windows add them to their sums. The
 * columns are used again for every sweep, because most of a plant's work is minutes that change a little.
 */
import {
  PLACE,
  PLANNED_COMPONENT_NAMES,
  POWERS_OF_TEN,
  QUANTITY_NAMES,
  RowBatch,
  type RowHead,
  TIME_COMPONENT_NAMES,
  WIDTH,
} from "@oee/model";

/** The first places are the components that partition elapsed time, the first of these those of planned time. */
const TIMES = TIME_COMPONENT_NAMES.length;
const PLANNED_TIMES = PLANNED_COMPONENT_NAMES.length;
const QUANTITIES = QUANTITY_NAMES.map((name) => PLACE[name]);
if (WIDTH > 31) throw new Error(`RowDelta.mask has 31 bits, and there are ${WIDTH} components`);

export class RowDeltas extends RowBatch {
  /** Notes that a row went, with its numbers. */
  takeBack(head: RowHead, from: number, numbers: Float64Array): void {
    const at = this.add(head, from) * WIDTH;
    const own = this.values;
    for (let i = 0; i < WIDTH; i++) own[at + i] = -(numbers[i] as number);
  }

  /** Notes by how much a row changed, whose numbers begin at `offset`, and were `before`; `false`: it did not. */
  addChange(head: RowHead, from: number, values: Float64Array, offset: number, before: Float64Array): boolean {
    const at = this.add(head, from) * WIDTH;
    const own = this.values;
    let changed = false;
    for (let i = 0; i < WIDTH; i++) {
      const by = (values[offset + i] as number) - (before[i] as number);
      own[at + i] = by;
      if (by !== 0) changed = true;
    }
    if (!changed) this.removeLast();
    return changed;
  }
}

/** One change, as sums take it: most of its numbers are 0, and only the others are added. */
export class RowDelta {
  /** Planned and elapsed time (ms) are sums of the others, kept apart for takts. */
  planned = 0;
  elapsed = 0;
  /** How many numbers are not 0; each has its place and its value. */
  length = 0;
  /** Their places as bits. */
  mask = 0;
  readonly places: Uint8Array = new Uint8Array(WIDTH);
  readonly amounts: Float64Array = new Float64Array(WIDTH);

  set(values: Float64Array, offset: number): void {
    let length = 0;
    let mask = 0;
    let planned = 0;
    let elapsed = 0;
    for (let i = 0; i < WIDTH; i++) {
      const value = values[offset + i] as number;
      if (value === 0) continue;
      mask |= 1 << i;
      this.places[length] = i;
      this.amounts[length++] = value;
      if (i < PLANNED_TIMES) planned += value;
      if (i < TIMES) elapsed += value;
    }
    this.length = length;
    this.mask = mask;
    this.planned = planned;
    this.elapsed = elapsed;
  }

  /** Brings quantities from one number of decimals to another, rounded where it is smaller. */
  rescale(from: number, to: number): void {
    for (let i = 0; i < this.length; i++) {
      const place = this.places[i] as number;
      if (QUANTITIES.includes(place)) this.amounts[i] = rescaled(this.amounts[i] as number, from, to);
    }
  }

  /** Adds to `WIDTH` sums. */
  addTo(sums: Float64Array): void {
    const { length, places, amounts } = this;
    for (let i = 0; i < length; i++) {
      const place = places[i] as number;
      sums[place] = (sums[place] as number) + (amounts[i] as number);
    }
  }
}

/** A quantity in other smallest units, rounded where they are larger. */
export function rescaled(units: number, from: number, to: number): number {
  const step = POWERS_OF_TEN[Math.abs(to - from)] as number;
  return to >= from ? units * step : Math.round(units / step);
}
