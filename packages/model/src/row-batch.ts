/** Minute rows in columns (typed arrays), as the engine makes and the store writes them, with no object for a row. */
import { COMPONENT_NAMES, type Row } from "./components.ts";
import { type RowHead, rowOf, WIDTH } from "./row.ts";

const FIRST_ROWS = 64;
/** Of a row that is not set yet. */
export const NO_HEAD: RowHead = {
  machine: "",
  product: null,
  shift: null,
  shiftDate: null,
  taktUs: null,
  costPerHour: null,
  decimals: 0,
};
/** Of fewer rows the objects for their part cost more than their numbers. */
const COPIED_WHOLE_FROM = 8;
/** Room for so many rows, some 8 MB, is kept when a batch is emptied: a worker has one for each partition, and one that is written. */
const ROWS_KEPT_MAX = 32_768;

export class RowBatch implements Iterable<Row> {
  #length = 0;
  #heads: RowHead[] = [];
  #froms: Float64Array;
  #values: Float64Array;

  constructor(capacity: number = FIRST_ROWS) {
    this.#froms = new Float64Array(Math.max(1, capacity));
    this.#values = new Float64Array(this.#froms.length * WIDTH);
  }

  static of(rows: Iterable<Row>): RowBatch {
    const batch = new RowBatch();
    for (const row of rows) {
      const at = batch.add(row, row.from) * WIDTH;
      for (let i = 0; i < WIDTH; i++)
        batch.#values[at + i] = row[COMPONENT_NAMES[i] as (typeof COMPONENT_NAMES)[number]];
    }
    return batch;
  }

  get length(): number {
    return this.#length;
  }

  get heads(): readonly RowHead[] {
    return this.#heads;
  }

  /** Where the cell of each row begins (ms). */
  get froms(): Float64Array {
    return this.#froms.subarray(0, this.#length);
  }

  /** `WIDTH` numbers a row, and room for more; another array after rows were added. */
  get values(): Float64Array {
    return this.#values;
  }

  headAt(row: number): RowHead {
    return this.#heads[row] as RowHead;
  }

  fromAt(row: number): number {
    return this.#froms[row] as number;
  }

  rowAt(row: number): Row {
    return rowOf(this.headAt(row), this.fromAt(row), this.#values, row * WIDTH);
  }

  *[Symbol.iterator](): Iterator<Row> {
    for (let row = 0; row < this.#length; row++) yield this.rowAt(row);
  }

  /** Adds a row whose numbers are not set; answers its place. */
  add(head: RowHead, from: number): number {
    const row = this.#length++;
    if (row === this.#froms.length) this.reserve(2 * row);
    this.#heads.push(head);
    this.#froms[row] = from;
    return row;
  }

  /** Adds a row with the numbers that begin at `offset`; answers its place. */
  addRow(head: RowHead, from: number, values: Float64Array, offset: number): number {
    const row = this.add(head, from);
    this.set(row, values, offset);
    return row;
  }

  /** Adds a row of zeros; answers its place. */
  addEmpty(head: RowHead, from: number): number {
    const row = this.add(head, from);
    const values = this.#values;
    // `fill` costs more than it clears here.
    for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) values[i] = 0;
    return row;
  }

  setHead(row: number, head: RowHead): void {
    this.#heads[row] = head;
  }

  set(row: number, values: Float64Array, offset: number): void {
    const own = this.#values;
    for (let i = 0; i < WIDTH; i++) own[row * WIDTH + i] = values[offset + i] as number;
  }

  removeLast(): void {
    this.#length--;
    // Setting `length` costs many times as much.
    this.#heads.pop();
  }

  clear(): void {
    this.#length = 0;
    this.#heads.length = 0;
    if (this.#froms.length <= ROWS_KEPT_MAX) return;
    this.#froms = new Float64Array(FIRST_ROWS);
    this.#values = new Float64Array(FIRST_ROWS * WIDTH);
  }

  /** Adds copies of another's rows of `[from, to)`. */
  append(other: RowBatch, from: number = 0, to: number = other.#length): void {
    if (to - from < COPIED_WHOLE_FROM) {
      for (let row = from; row < to; row++)
        this.addRow(other.headAt(row), other.fromAt(row), other.#values, row * WIDTH);
      return;
    }
    const first = this.#length;
    const length = first + to - from;
    if (length > this.capacity) this.reserve(Math.max(length, 2 * this.capacity));
    for (let row = from; row < to; row++) this.#heads.push(other.headAt(row));
    this.#froms.set(other.#froms.subarray(from, to), first);
    this.#values.set(other.#values.subarray(from * WIDTH, to * WIDTH), first * WIDTH);
    this.#length = length;
  }

  /** Moves another's rows behind its own. Where it has none, both change places, and nothing is copied. */
  takeAll(other: RowBatch): void {
    if (this.#length > 0) {
      this.append(other);
    } else {
      [this.#heads, other.#heads] = [other.#heads, this.#heads];
      [this.#froms, other.#froms] = [other.#froms, this.#froms];
      [this.#values, other.#values] = [other.#values, this.#values];
      [this.#length, other.#length] = [other.#length, this.#length];
    }
    other.clear();
  }

  /** A copy of the rows of `[from, to)`. */
  slice(from: number, to: number): RowBatch {
    const copy = new RowBatch(to - from);
    copy.append(this, from, to);
    return copy;
  }

  /** How many rows there is room for. */
  get capacity(): number {
    return this.#froms.length;
  }

  /** Makes room for `capacity` rows, of which there are no more yet. */
  reserve(capacity: number): void {
    const froms = new Float64Array(capacity);
    froms.set(this.#froms);
    this.#froms = froms;
    const values = new Float64Array(froms.length * WIDTH);
    values.set(this.#values);
    this.#values = values;
  }
}
