/**
 * By how much rows changed: what sums that move with them have to add. Held as columns that are used again, for most of
 * the work of a plant is minutes that change a little.
 */
import { TIME_COMPONENT_NAMES } from "@oee/model";
import { PLACE, type RowHead, WIDTH } from "./rows.ts";

/** The first places are the components that partition elapsed time, the first of these those of planned time. */
const TIMES = TIME_COMPONENT_NAMES.length;
const PLANNED_TIMES = PLACE.notPlannedTime;

const FIRST_ROWS = 64;
const ROWS_KEPT_MAX = 16_384;

export class RowDeltas {
  #length = 0;
  readonly #heads: RowHead[] = [];
  #froms: Float64Array = new Float64Array(FIRST_ROWS);
  #values: Float64Array = new Float64Array(FIRST_ROWS * WIDTH);

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#heads.length = 0;
    if (this.#froms.length <= ROWS_KEPT_MAX) return;
    this.#froms = new Float64Array(FIRST_ROWS);
    this.#values = new Float64Array(FIRST_ROWS * WIDTH);
  }

  headAt(i: number): RowHead {
    return this.#heads[i] as RowHead;
  }

  /** Where the cell of a changed row begins (ms). */
  fromAt(i: number): number {
    return this.#froms[i] as number;
  }

  /** `WIDTH` numbers a change. */
  get values(): Float64Array {
    return this.#values;
  }

  /** Notes that a row came (`sign` 1) or went (−1), whose numbers begin at `offset`. */
  addRow(head: RowHead, from: number, sign: 1 | -1, values: Float64Array, offset: number): void {
    const at = this.#next(head, from);
    for (let w = 0; w < WIDTH; w++) this.#values[at + w] = sign * (values[offset + w] as number);
  }

  /** Notes by how much a row changed; `false`: it did not. */
  addChange(
    head: RowHead,
    from: number,
    values: Float64Array,
    offset: number,
    before: Float64Array,
    beforeOffset: number,
  ): boolean {
    const at = this.#next(head, from);
    const own = this.#values;
    let changed = false;
    for (let w = 0; w < WIDTH; w++) {
      const by = (values[offset + w] as number) - (before[beforeOffset + w] as number);
      own[at + w] = by;
      if (by !== 0) changed = true;
    }
    if (!changed) {
      this.#length--;
      this.#heads.length--;
    }
    return changed;
  }

  #next(head: RowHead, from: number): number {
    const i = this.#length++;
    if (i === this.#froms.length) {
      const froms = new Float64Array(2 * i);
      froms.set(this.#froms);
      this.#froms = froms;
      const values = new Float64Array(2 * i * WIDTH);
      values.set(this.#values);
      this.#values = values;
    }
    this.#heads.push(head);
    this.#froms[i] = from;
    return i * WIDTH;
  }
}

/** One change, as sums take it: most of its numbers are 0, and only the others are added. */
export class RowDelta {
  /** Planned and elapsed time (ms) are sums of the others, kept apart for takts. */
  planned = 0;
  elapsed = 0;
  /** How many numbers are not 0; each has its place and its value. */
  length = 0;
  readonly places: Uint8Array = new Uint8Array(WIDTH);
  readonly amounts: Float64Array = new Float64Array(WIDTH);

  set(values: Float64Array, offset: number): void {
    let length = 0;
    let planned = 0;
    let elapsed = 0;
    for (let w = 0; w < WIDTH; w++) {
      const value = values[offset + w] as number;
      if (value === 0) continue;
      this.places[length] = w;
      this.amounts[length++] = value;
      if (w < PLANNED_TIMES) planned += value;
      if (w < TIMES) elapsed += value;
    }
    this.length = length;
    this.planned = planned;
    this.elapsed = elapsed;
  }

  /** Adds to `WIDTH` sums that begin at `offset`. */
  addTo(sums: Float64Array, offset: number): void {
    const { length, places, amounts } = this;
    for (let i = 0; i < length; i++) {
      const place = offset + (places[i] as number);
      sums[place] = (sums[place] as number) + (amounts[i] as number);
    }
  }
}
