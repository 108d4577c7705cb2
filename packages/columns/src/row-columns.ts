/**
 * The rows that a sweep fills, in columns: found by the number of their cell, in order of first use. One object serves
 * every sweep, so that a sweep allocates nothing for rows.
 */
import { RowBatch, type RowHead } from "@oee/model";

const NONE = -1;
const FIRST_ROWS = 64;
/** How many cells before the first one used have a slot from the beginning, for rows of earlier cells may come later. */
const ROOM_BEFORE = 64;
/** Room for so many cells is kept for the next sweep. */
const SLOTS_KEPT_MAX = 16_384;

export class RowColumns {
  readonly batch: RowBatch = new RowBatch();
  /** The next row of the same cell. */
  #next: Int32Array = new Int32Array(FIRST_ROWS);
  /** By cell number less `#base`: its first row and one more; 0: it has none. */
  #slots: Int32Array = new Int32Array(4 * ROOM_BEFORE);
  #base = 0;
  #low = Infinity;
  #high = -Infinity;

  /** The first and the last cell that has rows; `Infinity` and `-Infinity` while none has. */
  get firstCell(): number {
    return this.#low;
  }

  get lastCell(): number {
    return this.#high;
  }

  clear(): void {
    if (this.#slots.length > SLOTS_KEPT_MAX) {
      this.#next = new Int32Array(FIRST_ROWS);
      this.#slots = new Int32Array(4 * ROOM_BEFORE);
    } else if (this.batch.length > 0) this.#slots.fill(0, this.#low - this.#base, this.#high - this.#base + 1);
    this.batch.clear();
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
    const row = this.batch.addEmpty(head, from);
    if (row >= this.#next.length) {
      const next = new Int32Array(2 * this.#next.length);
      next.set(this.#next);
      this.#next = next;
    }
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
