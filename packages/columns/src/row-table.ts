/**
 * Rows that are found by their machine and cell: a `RowBatch` in order of first use, with a hash index of the first row of
 * each machine and cell, and of each row the next one of the same machine and cell. Rows never move. A table is emptied and
 * filled again, so that a sweep and a write to the store allocate nothing for rows.
 */
import { RowBatch, type RowHead, sameKey } from "@oee/model";

const NONE = -1;
const FIRST_ROWS = 64;
/** Room for so many rows in the index is kept when a table is emptied: 1 MB. */
const ROWS_KEPT_MAX = 65_536;
/** Spreads the machines over the index. Cells of one machine follow each other there, so that a sweep reads it in order. */
const MACHINE_STEP = 0x9e3779b1;

/** Of each row the index has so many numbers: the two links, −1 at the end, and what it is found by. */
const LINKS = 4;
/** The next row of the same machine and cell. */
const NEXT = 0;
/** The first row of another machine and cell that has the same slot. */
const NEXT_IN_SLOT = 1;
const CELL = 2;
const MACHINE = 3;

export class RowTable {
  readonly batch: RowBatch = new RowBatch();
  #links: Int32Array = new Int32Array(FIRST_ROWS * LINKS);
  /** As many as there is room for rows, a power of two; of each the first row that has it, and one more; 0: there is none. */
  #slots: Int32Array = new Int32Array(FIRST_ROWS);
  /** The bits of a slot's number. */
  #mask = FIRST_ROWS - 1;
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
    this.#emptyIndex();
    this.batch.clear();
  }

  /** Empties itself: moves the rows behind those of `rows`. */
  moveTo(rows: RowBatch): void {
    this.#emptyIndex();
    rows.takeAll(this.batch);
  }

  /** The first row of a cell of a machine, which a table of several machines knows by a whole number; −1: it has none. */
  firstOf(cell: number, machine: number = 0): number {
    return this.#firstIn(this.#slotOf(cell, machine), cell, machine);
  }

  /** The row after a row in its cell; −1: there is none. */
  nextOf(row: number): number {
    return this.#links[row * LINKS + NEXT] as number;
  }

  /** The row with the product and shift of `head` among a row and those after it in its cell; −1: there is none. */
  withKey(first: number, head: RowHead): number {
    let row = first;
    while (row !== NONE && !sameKey(this.batch.headAt(row), head)) row = this.nextOf(row);
    return row;
  }

  /** Adds a row of zeros to a cell, behind those that it has; answers its place. */
  add(cell: number, from: number, head: RowHead, machine: number = 0): number {
    const row = this.batch.addEmpty(head, from);
    if (row > this.#mask) this.#grow();
    const links = this.#links;
    const at = row * LINKS;
    links[at + NEXT] = NONE;
    links[at + CELL] = cell;
    links[at + MACHINE] = machine;
    const slot = this.#slotOf(cell, machine);
    let last = this.#firstIn(slot, cell, machine);
    if (last === NONE) {
      this.#putFirst(row, slot);
      if (cell < this.#low) this.#low = cell;
      if (cell > this.#high) this.#high = cell;
      return row;
    }
    for (let next = this.nextOf(last); next !== NONE; next = this.nextOf(next)) last = next;
    links[last * LINKS + NEXT] = row;
    return row;
  }

  #emptyIndex(): void {
    const { length } = this.batch;
    if (this.#slots.length > ROWS_KEPT_MAX) {
      this.#links = new Int32Array(FIRST_ROWS * LINKS);
      this.#useSlots(FIRST_ROWS);
    } else if (length > this.#slots.length / 8) this.#slots.fill(0);
    else for (let row = 0; row < length; row++) this.#slots[this.#slotOfRow(row)] = 0;
    this.#low = Infinity;
    this.#high = -Infinity;
  }

  #slotOf(cell: number, machine: number): number {
    return (cell + Math.imul(machine, MACHINE_STEP)) & this.#mask;
  }

  #slotOfRow(row: number): number {
    return this.#slotOf(this.#links[row * LINKS + CELL] as number, this.#links[row * LINKS + MACHINE] as number);
  }

  /** The first row of a cell among the rows of its slot; −1: there is none. */
  #firstIn(slot: number, cell: number, machine: number): number {
    const links = this.#links;
    let row = (this.#slots[slot] as number) - 1;
    while (row !== NONE && (links[row * LINKS + CELL] !== cell || links[row * LINKS + MACHINE] !== machine)) {
      row = links[row * LINKS + NEXT_IN_SLOT] as number;
    }
    return row;
  }

  /** Puts a row that is the first of its cell before the others of its slot. */
  #putFirst(row: number, slot: number): void {
    this.#links[row * LINKS + NEXT_IN_SLOT] = (this.#slots[slot] as number) - 1;
    this.#slots[slot] = row + 1;
  }

  /** Doubles the room. */
  #grow(): void {
    const before = this.#slots;
    const links = new Int32Array(2 * this.#links.length);
    links.set(this.#links);
    this.#links = links;
    this.#useSlots(2 * before.length);
    for (const first of before) {
      for (let row = first - 1; row !== NONE; ) {
        const next = links[row * LINKS + NEXT_IN_SLOT] as number;
        this.#putFirst(row, this.#slotOfRow(row));
        row = next;
      }
    }
  }

  /** `count`: a power of two. */
  #useSlots(count: number): void {
    this.#slots = new Int32Array(count);
    this.#mask = count - 1;
  }
}
