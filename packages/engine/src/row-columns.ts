/**
 * Rows in the making, as columns: found by the number of their cell, kept in order of first use. Made once and used again for
 * every sweep, so that a sweep allocates nothing for rows.
 */
import { type RowHead, WIDTH } from "./rows.ts";

const NONE = -1;
const FIRST_ROWS = 64;
/** Room for so many rows is kept for the next sweep. */
const ROWS_KEPT_MAX = 16_384;
/** Cells before the first one used for which there is room at once. */
const ROOM_BEFORE = 64;

export class RowColumns {
  #length = 0;
  /** `WIDTH` numbers a row. */
  values: Float64Array = new Float64Array(FIRST_ROWS * WIDTH);
  /** Where each row's cell begins (ms). */
  froms: Float64Array = new Float64Array(FIRST_ROWS);
  readonly heads: RowHead[] = [];
  /** The next row of the same cell. */
  #next: Int32Array = new Int32Array(FIRST_ROWS);
  /** By cell number less `#base`: its first row and one more; 0: it has none. */
  #slots: Int32Array = new Int32Array(4 * ROOM_BEFORE);
  #base = 0;
  /** The cells that have rows lie in `[#low, #high]`. */
  #low = Infinity;
  #high = -Infinity;

  get length(): number {
    return this.#length;
  }

  /** The first and the last cell that has rows; infinite the other way round while there is none. */
  get firstCell(): number {
    return this.#low;
  }

  get lastCell(): number {
    return this.#high;
  }

  clear(): void {
    if (this.froms.length > ROWS_KEPT_MAX || this.#slots.length > ROWS_KEPT_MAX) {
      this.values = new Float64Array(FIRST_ROWS * WIDTH);
      this.froms = new Float64Array(FIRST_ROWS);
      this.#next = new Int32Array(FIRST_ROWS);
      this.#slots = new Int32Array(4 * ROOM_BEFORE);
    } else if (this.#length > 0) this.#slots.fill(0, this.#low - this.#base, this.#high - this.#base + 1);
    this.#length = 0;
    this.heads.length = 0;
    this.#low = Infinity;
    this.#high = -Infinity;
  }

  /** The first row of a cell; −1: it has none. */
  firstOf(cell: number): number {
    if (cell < this.#low || cell > this.#high) return NONE;
    return (this.#slots[cell - this.#base] as number) - 1;
  }

  /** The row after a row in its cell; −1: there is none. */
  nextOf(row: number): number {
    return this.#next[row] as number;
  }

  /** Adds a row of zeros to a cell, behind those that it has; answers its place. */
  add(cell: number, from: number, head: RowHead): number {
    const row = this.#length++;
    if (row === this.froms.length) this.#grow();
    const { values } = this;
    // `fill` costs more than it clears here.
    for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) values[i] = 0;
    this.froms[row] = from;
    this.heads.push(head);
    this.#next[row] = NONE;
    this.#reach(cell);
    const slot = cell - this.#base;
    const first = this.#slots[slot] as number;
    if (first === 0) this.#slots[slot] = row + 1;
    else {
      let last = first - 1;
      while (this.nextOf(last) !== NONE) last = this.nextOf(last);
      this.#next[last] = row;
    }
    return row;
  }

  #grow(): void {
    const rows = 2 * this.froms.length;
    const values = new Float64Array(rows * WIDTH);
    values.set(this.values);
    this.values = values;
    const froms = new Float64Array(rows);
    froms.set(this.froms);
    this.froms = froms;
    const next = new Int32Array(rows);
    next.set(this.#next);
    this.#next = next;
  }

  #reach(cell: number): void {
    if (this.#low === Infinity) this.#base = cell - ROOM_BEFORE;
    const low = Math.min(this.#low, cell);
    const high = Math.max(this.#high, cell);
    if (low < this.#base || high - this.#base >= this.#slots.length) {
      const span = high - low + 1;
      const base = low - ROOM_BEFORE - (span >> 1);
      const slots = new Int32Array(2 * span + 4 * ROOM_BEFORE);
      if (this.#low !== Infinity) {
        const held = this.#slots.subarray(this.#low - this.#base, this.#high - this.#base + 1);
        slots.set(held, this.#low - base);
      }
      this.#slots = slots;
      this.#base = base;
    }
    this.#low = low;
    this.#high = high;
  }
}
