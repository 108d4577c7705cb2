/**
 * Minute rows that are held for long, of one machine: as a `RowBatch` has them, but with columns only for the components that are not 0 in
 * all of them, and a number of minutes beside each row. An hour of minutes takes 2.6 kB, not 10.
 */
import { NO_HEAD, type RowHead, WIDTH } from "@oee/model";
import { type Columns, columnsOf, NO_COLUMNS, NO_NUMBERS, type Numbers, widened } from "./used-components.ts";

export class NarrowRows {
  #length = 0;
  #heads: RowHead[] = [];
  /** The first minute (counted from 1970) of each row. */
  #minutes: Int32Array;
  /** How many minutes have it. */
  #spans: Int32Array;
  #columns: Columns = NO_COLUMNS;
  /** A number for each of `#columns` a row. */
  #values: Numbers = NO_NUMBERS;

  constructor(capacity: number) {
    this.#minutes = new Int32Array(Math.max(1, capacity));
    this.#spans = new Int32Array(this.#minutes.length);
  }

  get length(): number {
    return this.#length;
  }

  headAt(row: number): RowHead {
    return this.#heads[row] as RowHead;
  }

  minuteAt(row: number): number {
    return this.#minutes[row] as number;
  }

  spanAt(row: number): number {
    return this.#spans[row] as number;
  }

  /** Where the minutes of a row end. */
  endAt(row: number): number {
    return this.minuteAt(row) + this.spanAt(row);
  }

  setHead(row: number, head: RowHead): void {
    this.#heads[row] = head;
  }

  setMinutes(row: number, minute: number, span: number): void {
    this.#minutes[row] = minute;
    this.#spans[row] = span;
  }

  /** Sets the `WIDTH` numbers of a row, which begin at `offset`. */
  set(row: number, values: Float64Array, offset: number): void {
    let mask = this.#columns.mask;
    for (let place = 0; place < WIDTH; place++) if (values[offset + place] !== 0) mask |= 1 << place;
    if (mask !== this.#columns.mask) this.#addColumns(mask);
    const { places } = this.#columns;
    const own = this.#values;
    const at = row * places.length;
    for (let column = 0; column < places.length; column++) {
      const value = values[offset + (places[column] as number)] as number;
      own[at + column] = value;
      if (own[at + column] === value) continue;
      // What was set of the row is set once more.
      this.#values = Float64Array.from(own);
      this.set(row, values, offset);
      return;
    }
  }

  /** Writes the numbers of a row to where they begin at `offset`. */
  read(row: number, values: Float64Array, offset: number): void {
    const { places } = this.#columns;
    const own = this.#values;
    const at = row * places.length;
    // `fill` costs more than it clears here.
    for (let place = 0; place < WIDTH; place++) values[offset + place] = 0;
    for (let column = 0; column < places.length; column++) {
      values[offset + (places[column] as number)] = own[at + column] as number;
    }
  }

  /** Inserts `count` rows before the row at `place`, for the caller to set. */
  insert(place: number, count: number): void {
    const length = this.#length + count;
    const held = this.#minutes.length;
    // At most doubled; from 16 rows on by 16 or an eighth of them, so that little memory lies unused beside an hour of rows.
    if (length > held) this.#reserve(Math.max(length, Math.min(2 * held, held + Math.max(16, held >> 3))));
    for (let i = 0; i < count; i++) this.#heads.push(NO_HEAD);
    if (place < this.#length) this.#move(place, place + count, this.#length - place);
    this.#length = length;
  }

  /** Removes the rows of `[place, place + count)`. */
  remove(place: number, count: number): void {
    const behind = this.#length - place - count;
    if (behind > 0) this.#move(place + count, place, behind);
    this.#length -= count;
    // Setting `length` costs many times as much as taking away a few.
    for (let i = 0; i < count; i++) this.#heads.pop();
  }

  #move(from: number, to: number, count: number): void {
    const width = this.#columns.places.length;
    this.#heads.copyWithin(to, from, from + count);
    this.#minutes.copyWithin(to, from, from + count);
    this.#spans.copyWithin(to, from, from + count);
    this.#values.copyWithin(to * width, from * width, (from + count) * width);
  }

  /** Makes columns for components that had none: few times in the life of a machine. */
  #addColumns(mask: number): void {
    const columns = columnsOf(mask);
    this.#values = widened(this.#values, this.#minutes.length, this.#columns, columns);
    this.#columns = columns;
  }

  #reserve(capacity: number): void {
    const grown = <N extends Numbers>(room: N, numbers: N): N => {
      room.set(numbers);
      return room;
    };
    const size = capacity * this.#columns.places.length;
    const values = this.#values;
    this.#minutes = grown(new Int32Array(capacity), this.#minutes);
    this.#spans = grown(new Int32Array(capacity), this.#spans);
    this.#values = grown<Numbers>(values instanceof Int32Array ? new Int32Array(size) : new Float64Array(size), values);
  }
}
