/**
 * The minute rows that the engine holds of one machine, in columns by time; a sweep's rows are compared with them. Equal
 * minutes in a row are kept once, so that a machine that is silent over a weekend needs no more memory.
 */
import { MINUTE_MS } from "@oee/calendar";
import { type Row, type RowHead, rowOf, sameHead, WIDTH } from "@oee/model";
import type { RowColumns } from "./row-columns.ts";
import { denseOf, type Sparse, sparseOf } from "./sparse.ts";

/** Structured-clonable. Of each row: its first minute, how many minutes have it, its head's place, and `WIDTH` numbers. */
export interface HotRowsSnapshot {
  readonly minutes: Int32Array;
  readonly spans: Int32Array;
  readonly heads: readonly RowHead[];
  readonly headOf: Int32Array;
  readonly values: Sparse;
}

const NONE = -1;
const FIRST_ROWS = 8;

export class HotRows {
  #length = 0;
  /** Rows of the same minutes follow each other: a run. */
  #minutes: Int32Array = new Int32Array(FIRST_ROWS);
  #spans: Int32Array = new Int32Array(FIRST_ROWS);
  #heads: RowHead[] = [];
  #values: Float64Array = new Float64Array(FIRST_ROWS * WIDTH);

  /** `WIDTH` numbers a row. */
  get values(): Float64Array {
    return this.#values;
  }

  headAt(row: number): RowHead {
    return this.#heads[row] as RowHead;
  }

  /** The first row of a minute (counted from 1970); −1: none are kept. */
  firstOf(minute: number): number {
    let low = 0;
    let high = this.#length - 1;
    if (high < 0) return NONE;
    if (minute >= (this.#minutes[high] as number)) low = high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#minutes[middle] as number) <= minute) low = middle;
      else high = middle - 1;
    }
    if (minute < (this.#minutes[low] as number) || minute >= this.#endOf(low)) return NONE;
    return this.#runFrom(low);
  }

  /** The place behind the rows that a minute has, of which `first` is the first. */
  endOfRun(first: number): number {
    if (first < 0) return first;
    let end = first + 1;
    while (end < this.#length && this.#minutes[end] === this.#minutes[first]) end++;
    return end;
  }

  /** The rows of a minute; `undefined` if none are kept. */
  rowsOf(minute: number): Row[] | undefined {
    const first = this.firstOf(minute);
    if (first < 0) return undefined;
    const rows: Row[] = [];
    for (let i = first; i < this.endOfRun(first); i++) {
      rows.push(rowOf(this.headAt(i), minute * MINUTE_MS, this.#values, i * WIDTH));
    }
    return rows;
  }

  /** Puts copies of the rows of a minute into a cell of columns. */
  copyTo(columns: RowColumns, minute: number): void {
    const first = this.firstOf(minute);
    const end = this.endOfRun(first);
    for (let i = first; i < end; i++) {
      columns.batch.set(columns.add(minute, minute * MINUTE_MS, this.headAt(i)), this.#values, i * WIDTH);
    }
  }

  /** Replaces the rows of a minute by those that `columns` hold for it, of which there is at least one. */
  set(minute: number, columns: RowColumns): void {
    let count = 0;
    for (let row = columns.firstOf(minute); row >= 0; row = columns.nextOf(row)) count++;
    const last = this.#length - 1;
    if (last < 0 || minute >= this.#endOf(last)) {
      if (last >= 0 && minute === this.#endOf(last) && this.#extends(last, count, columns, minute)) return;
      this.#open(this.#length, count);
      this.#write(this.#length - count, minute, columns);
      return;
    }
    const held = this.firstOf(minute);
    if (held < 0) {
      let place = 0;
      while (place < this.#length && (this.#minutes[place] as number) < minute) place++;
      this.#open(place, count);
      this.#write(place, minute, columns);
      return;
    }
    const first = this.#isolate(held, minute);
    const had = this.endOfRun(first) - first;
    if (had > count) this.#close(first + count, had - count);
    else if (had < count) this.#open(first + had, count - had);
    this.#write(first, minute, columns);
  }

  /**
   * Replaces the rows of all minutes from `minute` on by those of `columns`. The cost grows with the number of minutes, not
   * with its square: a machine that was silent for a year may get other rows for all of it.
   */
  replaceFrom(minute: number, columns: RowColumns): void {
    let first = Math.max(minute, columns.firstCell);
    while (first <= columns.lastCell && columns.firstOf(first) < 0) first++;
    if (first > columns.lastCell) return;
    while (this.#length > 0 && (this.#minutes[this.#length - 1] as number) >= first) this.#length--;
    this.#heads.length = this.#length;
    for (let i = this.#length - 1; i >= 0 && this.#endOf(i) > first; i--)
      this.#spans[i] = first - (this.#minutes[i] as number);
    for (let made = first; made <= columns.lastCell; made++) if (columns.firstOf(made) >= 0) this.set(made, columns);
  }

  /** Drops the minutes before the one that begins at an instant, but for those that overlap one of `kept`, which are sorted. */
  forgetBefore(instant: number, kept: readonly { readonly from: number; readonly to: number }[]): void {
    const bound = instant / MINUTE_MS;
    const [oldest] = kept;
    const reach = oldest === undefined ? bound : Math.floor(oldest.from / MINUTE_MS);
    let drop = 0;
    while (drop < this.#length && this.#endOf(drop) <= reach) drop++;
    if (drop > 0) this.#close(0, drop);
    for (let i = 0; i < this.#length && (this.#minutes[i] as number) < reach; i++) {
      this.#spans[i] = this.#endOf(i) - reach;
      this.#minutes[i] = reach;
    }
    if (oldest === undefined || oldest.to >= instant || this.#length === 0) return;
    const rest = new HotRows();
    for (let first = 0; first < this.#length; first = this.endOfRun(first)) {
      const from = this.#minutes[first] as number;
      const to = this.#endOf(first);
      let done = from;
      for (const span of kept) {
        const start = Math.max(done, Math.floor(span.from / MINUTE_MS));
        const stop = Math.min(to, bound, Math.ceil(span.to / MINUTE_MS));
        if (stop <= start) continue;
        rest.#append(this, first, start, stop);
        done = stop;
      }
      if (to > bound) rest.#append(this, first, Math.max(done, bound), to);
    }
    this.#length = rest.#length;
    this.#minutes = rest.#minutes;
    this.#spans = rest.#spans;
    this.#heads = rest.#heads;
    this.#values = rest.#values;
  }

  snapshot(): HotRowsSnapshot {
    const heads: RowHead[] = [];
    const headOf = new Int32Array(this.#length);
    for (let i = 0; i < this.#length; i++) {
      let place = heads.findIndex((head) => sameHead(head, this.headAt(i)));
      if (place < 0) place = heads.push(this.headAt(i)) - 1;
      headOf[i] = place;
    }
    return {
      minutes: this.#minutes.slice(0, this.#length),
      spans: this.#spans.slice(0, this.#length),
      heads,
      headOf,
      values: sparseOf(this.#values.subarray(0, this.#length * WIDTH)),
    };
  }

  static restore({ minutes, spans, heads, headOf, values }: HotRowsSnapshot): HotRows {
    const rows = new HotRows();
    rows.#length = minutes.length;
    rows.#minutes = minutes.slice();
    rows.#spans = spans.slice();
    rows.#heads = Array.from(headOf, (place) => heads[place] as RowHead);
    rows.#values = denseOf(values);
    return rows;
  }

  #endOf(row: number): number {
    return (this.#minutes[row] as number) + (this.#spans[row] as number);
  }

  #runFrom(row: number): number {
    let first = row;
    while (first > 0 && this.#minutes[first - 1] === this.#minutes[row]) first--;
    return first;
  }

  /** Lets the last run hold one minute more, if the rows of that minute are alike. */
  #extends(last: number, count: number, columns: RowColumns, minute: number): boolean {
    const first = this.#runFrom(last);
    if (last + 1 - first !== count) return false;
    const { values } = columns.batch;
    for (let i = first, row = columns.firstOf(minute); i <= last; i++, row = columns.nextOf(row)) {
      if (!sameHead(this.headAt(i), columns.batch.headAt(row))) return false;
      for (let w = 0; w < WIDTH; w++) if (this.#values[i * WIDTH + w] !== values[row * WIDTH + w]) return false;
    }
    for (let i = first; i <= last; i++) this.#spans[i] = (this.#spans[i] as number) + 1;
    return true;
  }

  /** Splits a run so that a minute is a run of its own; returns its first row. */
  #isolate(first: number, minute: number): number {
    const count = this.endOfRun(first) - first;
    const from = this.#minutes[first] as number;
    const end = this.#endOf(first);
    let place = first;
    if (minute > from) {
      this.#repeat(first, count, minute - from);
      place += count;
      this.#place(place, count, minute, end - minute);
    }
    if (end > minute + 1) {
      this.#repeat(place, count, 1);
      this.#place(place + count, count, minute + 1, end - minute - 1);
    }
    return place;
  }

  /** Puts a copy of a run behind it; the first of the two then holds `span` minutes. */
  #repeat(first: number, count: number, span: number): void {
    this.#open(first + count, count);
    this.#values.copyWithin((first + count) * WIDTH, first * WIDTH, (first + count) * WIDTH);
    for (let i = 0; i < count; i++) {
      this.#heads[first + count + i] = this.headAt(first + i);
      this.#spans[first + i] = span;
    }
  }

  #place(first: number, count: number, minute: number, span: number): void {
    this.#minutes.fill(minute, first, first + count);
    this.#spans.fill(span, first, first + count);
  }

  #write(first: number, minute: number, columns: RowColumns): void {
    const values = this.#values;
    const made = columns.batch.values;
    for (let i = first, row = columns.firstOf(minute); row >= 0; i++, row = columns.nextOf(row)) {
      this.#minutes[i] = minute;
      this.#spans[i] = 1;
      this.#heads[i] = columns.batch.headAt(row);
      for (let w = 0; w < WIDTH; w++) values[i * WIDTH + w] = made[row * WIDTH + w] as number;
    }
  }

  /** Moves the rows from `place` on by `count`; the rows in between are to be set by the caller. */
  #open(place: number, count: number): void {
    const length = this.#length + count;
    if (length > this.#minutes.length) {
      // At most doubled; from 16 rows on by 16 or an eighth of them, so that little memory lies unused beside an hour of rows.
      const held = this.#minutes.length;
      const capacity = Math.max(length, Math.min(2 * held, held + Math.max(16, held >> 3)));
      this.#minutes = longer(this.#minutes, capacity);
      this.#spans = longer(this.#spans, capacity);
      const values = new Float64Array(capacity * WIDTH);
      values.set(this.#values);
      this.#values = values;
    }
    if (place < this.#length) {
      this.#minutes.copyWithin(place + count, place, this.#length);
      this.#spans.copyWithin(place + count, place, this.#length);
      this.#values.copyWithin((place + count) * WIDTH, place * WIDTH, this.#length * WIDTH);
      for (let i = 0; i < count; i++) this.#heads.push(this.headAt(this.#length - 1));
      this.#heads.copyWithin(place + count, place, this.#length);
    }
    this.#length = length;
  }

  #close(place: number, count: number): void {
    this.#minutes.copyWithin(place, place + count, this.#length);
    this.#spans.copyWithin(place, place + count, this.#length);
    this.#values.copyWithin(place * WIDTH, (place + count) * WIDTH, this.#length * WIDTH);
    this.#heads.splice(place, count);
    this.#length -= count;
  }

  /** Adds a run of another, cut to the minutes `[from, to)`, behind all runs. */
  #append(other: HotRows, first: number, from: number, to: number): void {
    const count = other.endOfRun(first) - first;
    const place = this.#length;
    this.#open(place, count);
    this.#place(place, count, from, to - from);
    for (let i = 0; i < count; i++) this.#heads[place + i] = other.headAt(first + i);
    this.#values.set(other.#values.subarray(first * WIDTH, (first + count) * WIDTH), place * WIDTH);
  }
}

function longer(array: Int32Array, length: number): Int32Array {
  const grown = new Int32Array(length);
  grown.set(array);
  return grown;
}
