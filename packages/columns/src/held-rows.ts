/**
 * The minute rows that the engine holds of one machine: a row table sorted by time, with a number of minutes beside each
 * row. Equal minutes that follow each other are kept once, so that a machine that is silent over a weekend needs no more
 * memory. A minute is found by halving.
 */
import { MINUTE_MS } from "@oee/calendar";
import { type Row, type RowHead, rowOf, sameHead, WIDTH } from "@oee/model";
import { NarrowRows } from "./narrow-rows.ts";
import type { RowTable } from "./row-table.ts";
import { denseOf, type Sparse, sparseOf } from "./sparse.ts";

/** Structured-clonable. Of each row: its first minute, how many minutes have it, its head's place, and `WIDTH` numbers. */
export interface HeldRowsSnapshot {
  readonly minutes: Int32Array;
  readonly spans: Int32Array;
  readonly heads: readonly RowHead[];
  readonly headOf: Int32Array;
  readonly values: Sparse;
}

const NONE = -1;
const FIRST_ROWS = 8;
/** The numbers of a row that is looked at. */
const one = new Float64Array(WIDTH);

export class HeldRows {
  /** Sorted by the first minute of each row. Rows of the same minutes follow each other: a run. */
  #rows: NarrowRows;

  constructor(capacity: number = FIRST_ROWS) {
    this.#rows = new NarrowRows(capacity);
  }

  headAt(row: number): RowHead {
    return this.#rows.headAt(row);
  }

  /** The `WIDTH` numbers of a row, until those of another are asked for. */
  numbersAt(row: number): Float64Array {
    this.#rows.read(row, one, 0);
    return one;
  }

  /** The first row of a minute (counted from 1970); −1: none are kept. */
  firstOf(minute: number): number {
    const rows = this.#rows;
    let low = 0;
    let high = rows.length - 1;
    if (high < 0) return NONE;
    if (minute >= rows.minuteAt(high)) low = high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (rows.minuteAt(middle) <= minute) low = middle;
      else high = middle - 1;
    }
    if (minute < rows.minuteAt(low) || minute >= rows.endAt(low)) return NONE;
    return this.#runFrom(low);
  }

  /** The place behind the rows that a minute has, of which `first` is the first. */
  endOfRun(first: number): number {
    if (first < 0) return first;
    const rows = this.#rows;
    const minute = rows.minuteAt(first);
    let end = first + 1;
    while (end < rows.length && rows.minuteAt(end) === minute) end++;
    return end;
  }

  /** The rows of a minute; `undefined` if none are kept. */
  rowsOf(minute: number): Row[] | undefined {
    const first = this.firstOf(minute);
    if (first < 0) return undefined;
    const found: Row[] = [];
    for (let i = first; i < this.endOfRun(first); i++) {
      found.push(rowOf(this.headAt(i), minute * MINUTE_MS, this.numbersAt(i), 0));
    }
    return found;
  }

  /** Puts copies of the rows of a minute into a cell of a table. */
  copyTo(table: RowTable, minute: number): void {
    const first = this.firstOf(minute);
    const end = this.endOfRun(first);
    for (let i = first; i < end; i++) {
      const row = table.add(minute, minute * MINUTE_MS, this.headAt(i));
      this.#rows.read(i, table.batch.values, row * WIDTH);
    }
  }

  /** Replaces the rows of a minute by those that `table` holds for it, of which `made` is the first. */
  set(minute: number, table: RowTable, made: number): void {
    let count = 1;
    for (let row = table.nextOf(made); row >= 0; row = table.nextOf(row)) count++;
    const { length } = this.#rows;
    const last = length - 1;
    const end = last < 0 ? -Infinity : this.#rows.endAt(last);
    if (minute >= end) {
      if (minute === end && this.#extends(last, count, table, made)) return;
      this.#rows.insert(length, count);
      this.#write(length, minute, table, made);
      return;
    }
    const held = this.firstOf(minute);
    if (held < 0) {
      let place = 0;
      while (place < length && this.#rows.minuteAt(place) < minute) place++;
      this.#rows.insert(place, count);
      this.#write(place, minute, table, made);
      return;
    }
    const first = this.#isolate(held, minute);
    const had = this.endOfRun(first) - first;
    if (had > count) this.#rows.remove(first + count, had - count);
    else if (had < count) this.#rows.insert(first + had, count - had);
    this.#write(first, minute, table, made);
  }

  /**
   * Replaces the rows of all minutes from `minute` on by those of `table`. The cost grows with the number of minutes, not
   * with its square: a machine that was silent for a year may get other rows for all of it.
   */
  replaceFrom(minute: number, table: RowTable): void {
    let first = Math.max(minute, table.firstCell);
    while (first <= table.lastCell && table.firstOf(first) < 0) first++;
    if (first > table.lastCell) return;
    const rows = this.#rows;
    let kept = rows.length;
    while (kept > 0 && rows.minuteAt(kept - 1) >= first) kept--;
    rows.remove(kept, rows.length - kept);
    for (let i = kept - 1; i >= 0 && rows.endAt(i) > first; i--) this.#place(i, 1, rows.minuteAt(i), first);
    for (let cell = first; cell <= table.lastCell; cell++) {
      const made = table.firstOf(cell);
      if (made >= 0) this.set(cell, table, made);
    }
  }

  /** Drops the minutes before the one that begins at an instant, but for those that overlap one of `kept`, which are sorted. */
  forgetBefore(instant: number, kept: readonly { readonly from: number; readonly to: number }[]): void {
    const bound = instant / MINUTE_MS;
    const [oldest] = kept;
    const reach = oldest === undefined ? bound : Math.floor(oldest.from / MINUTE_MS);
    const rows = this.#rows;
    let drop = 0;
    while (drop < rows.length && rows.endAt(drop) <= reach) drop++;
    if (drop > 0) rows.remove(0, drop);
    for (let i = 0; i < rows.length && rows.minuteAt(i) < reach; i++) this.#place(i, 1, reach, rows.endAt(i));
    if (oldest === undefined || oldest.to >= instant || rows.length === 0) return;
    const rest = new HeldRows();
    for (let first = 0; first < rows.length; first = this.endOfRun(first)) {
      const from = rows.minuteAt(first);
      const to = rows.endAt(first);
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
    this.#rows = rest.#rows;
  }

  snapshot(): HeldRowsSnapshot {
    const rows = this.#rows;
    const { length } = rows;
    const heads: RowHead[] = [];
    const headOf = new Int32Array(length);
    const values = new Float64Array(length * WIDTH);
    for (let i = 0; i < length; i++) {
      const own = rows.headAt(i);
      let place = heads.findIndex((head) => sameHead(head, own));
      if (place < 0) place = heads.push(own) - 1;
      headOf[i] = place;
      rows.read(i, values, i * WIDTH);
    }
    return {
      minutes: Int32Array.from({ length }, (_, i) => rows.minuteAt(i)),
      spans: Int32Array.from({ length }, (_, i) => rows.spanAt(i)),
      heads,
      headOf,
      values: sparseOf(values),
    };
  }

  static restore({ minutes, spans, heads, headOf, values }: HeldRowsSnapshot): HeldRows {
    const restored = new HeldRows(minutes.length);
    const rows = restored.#rows;
    const numbers = denseOf(values);
    rows.insert(0, minutes.length);
    for (let i = 0; i < minutes.length; i++) {
      rows.setHead(i, heads[headOf[i] as number] as RowHead);
      rows.setMinutes(i, minutes[i] as number, spans[i] as number);
      rows.set(i, numbers, i * WIDTH);
    }
    return restored;
  }

  #runFrom(row: number): number {
    const rows = this.#rows;
    const minute = rows.minuteAt(row);
    let first = row;
    while (first > 0 && rows.minuteAt(first - 1) === minute) first--;
    return first;
  }

  /** Lets the last run hold one minute more, if the rows of that minute are alike. */
  #extends(last: number, count: number, table: RowTable, made: number): boolean {
    const first = this.#runFrom(last);
    if (last + 1 - first !== count) return false;
    const { values } = table.batch;
    for (let i = first, row = made; i <= last; i++, row = table.nextOf(row)) {
      if (!sameHead(this.headAt(i), table.batch.headAt(row))) return false;
      const held = this.numbersAt(i);
      for (let w = 0; w < WIDTH; w++) if (held[w] !== values[row * WIDTH + w]) return false;
    }
    this.#place(first, count, this.#rows.minuteAt(first), this.#rows.endAt(first) + 1);
    return true;
  }

  /** Splits a run so that a minute is a run of its own; returns its first row. */
  #isolate(first: number, minute: number): number {
    const count = this.endOfRun(first) - first;
    const from = this.#rows.minuteAt(first);
    const end = this.#rows.endAt(first);
    let place = first;
    if (minute > from) {
      this.#repeat(first, count, minute);
      place += count;
      this.#place(place, count, minute, end);
    }
    if (end > minute + 1) {
      this.#repeat(place, count, minute + 1);
      this.#place(place + count, count, minute + 1, end);
    }
    return place;
  }

  /** Puts a copy of a run behind it; the first of the two then ends before the minute `end`. */
  #repeat(first: number, count: number, end: number): void {
    const rows = this.#rows;
    rows.insert(first + count, count);
    for (let i = first; i < first + count; i++) this.#copy(rows, i, i + count);
    this.#place(first, count, rows.minuteAt(first), end);
  }

  /** Gives the rows of a run the minutes `[from, to)`. */
  #place(first: number, count: number, from: number, to: number): void {
    for (let i = first; i < first + count; i++) this.#rows.setMinutes(i, from, to - from);
  }

  #write(first: number, minute: number, table: RowTable, made: number): void {
    const rows = this.#rows;
    const { batch } = table;
    for (let i = first, row = made; row >= 0; i++, row = table.nextOf(row)) {
      rows.setHead(i, batch.headAt(row));
      rows.setMinutes(i, minute, 1);
      rows.set(i, batch.values, row * WIDTH);
    }
  }

  /** Adds a run of another, cut to the minutes `[from, to)`, behind all runs. */
  #append(other: HeldRows, first: number, from: number, to: number): void {
    const count = other.endOfRun(first) - first;
    const place = this.#rows.length;
    this.#rows.insert(place, count);
    for (let i = 0; i < count; i++) this.#copy(other.#rows, first + i, place + i);
    this.#place(place, count, from, to);
  }

  #copy(from: NarrowRows, row: number, to: number): void {
    from.read(row, one, 0);
    this.#rows.setHead(to, from.headAt(row));
    this.#rows.set(to, one, 0);
  }
}
