/**
 * The minute rows that the engine holds of one machine: a row table sorted by time, with a number of minutes beside each
 * row. Equal minutes that follow each other are kept once, so that a machine that is silent over a weekend needs no more
 * memory. A minute is found by halving.
 */
import { MINUTE_MS } from "@oee/calendar";
import { type Row, RowBatch, type RowHead, rowOf, sameHead, WIDTH } from "@oee/model";
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

export class HeldRows {
  /** Sorted by the first minute of each row. Rows of the same minutes follow each other: a run. */
  #rows: RowBatch;
  /** By row: how many minutes have it. */
  #spans: Int32Array;

  constructor(capacity: number = FIRST_ROWS) {
    this.#rows = new RowBatch(capacity);
    this.#spans = new Int32Array(this.#rows.capacity);
  }

  /** In the order of their minutes. */
  get rows(): RowBatch {
    return this.#rows;
  }

  /** The first row of a minute (counted from 1970); −1: none are kept. */
  firstOf(minute: number): number {
    const { rows } = this;
    let low = 0;
    let high = rows.length - 1;
    if (high < 0) return NONE;
    const at = minute * MINUTE_MS;
    if (at >= rows.fromAt(high)) low = high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (rows.fromAt(middle) <= at) low = middle;
      else high = middle - 1;
    }
    if (at < rows.fromAt(low) || minute >= this.#endOf(low)) return NONE;
    return this.#runFrom(low);
  }

  /** The place behind the rows that a minute has, of which `first` is the first. */
  endOfRun(first: number): number {
    if (first < 0) return first;
    const { rows } = this;
    const from = rows.fromAt(first);
    let end = first + 1;
    while (end < rows.length && rows.fromAt(end) === from) end++;
    return end;
  }

  /** The rows of a minute; `undefined` if none are kept. */
  rowsOf(minute: number): Row[] | undefined {
    const first = this.firstOf(minute);
    if (first < 0) return undefined;
    const found: Row[] = [];
    const { rows } = this;
    for (let i = first; i < this.endOfRun(first); i++) {
      found.push(rowOf(rows.headAt(i), minute * MINUTE_MS, rows.values, i * WIDTH));
    }
    return found;
  }

  /** Puts copies of the rows of a minute into a cell of a table. */
  copyTo(table: RowTable, minute: number): void {
    const first = this.firstOf(minute);
    const end = this.endOfRun(first);
    const { rows } = this;
    for (let i = first; i < end; i++) {
      table.batch.set(table.add(minute, minute * MINUTE_MS, rows.headAt(i)), rows.values, i * WIDTH);
    }
  }

  /** Replaces the rows of a minute by those that `table` holds for it, of which `made` is the first. */
  set(minute: number, table: RowTable, made: number): void {
    let count = 1;
    for (let row = table.nextOf(made); row >= 0; row = table.nextOf(row)) count++;
    const { length } = this.#rows;
    const last = length - 1;
    const end = last < 0 ? -Infinity : this.#endOf(last);
    if (minute >= end) {
      if (minute === end && this.#extends(last, count, table, made)) return;
      this.#open(length, count);
      this.#write(length, minute, table, made);
      return;
    }
    const held = this.firstOf(minute);
    if (held < 0) {
      let place = 0;
      while (place < length && this.#minuteOf(place) < minute) place++;
      this.#open(place, count);
      this.#write(place, minute, table, made);
      return;
    }
    const first = this.#isolate(held, minute);
    const had = this.endOfRun(first) - first;
    if (had > count) this.#close(first + count, had - count);
    else if (had < count) this.#open(first + had, count - had);
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
    const { rows } = this;
    const at = first * MINUTE_MS;
    while (rows.length > 0 && rows.fromAt(rows.length - 1) >= at) rows.removeLast();
    for (let i = rows.length - 1; i >= 0 && this.#endOf(i) > first; i--) this.#spans[i] = first - this.#minuteOf(i);
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
    while (drop < rows.length && this.#endOf(drop) <= reach) drop++;
    if (drop > 0) this.#close(0, drop);
    for (let i = 0; i < rows.length && this.#minuteOf(i) < reach; i++) this.#place(i, 1, reach, this.#endOf(i) - reach);
    if (oldest === undefined || oldest.to >= instant || rows.length === 0) return;
    const rest = new HeldRows();
    for (let first = 0; first < rows.length; first = this.endOfRun(first)) {
      const from = this.#minuteOf(first);
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
    this.#rows = rest.#rows;
    this.#spans = rest.#spans;
  }

  snapshot(): HeldRowsSnapshot {
    const { length, values } = this.#rows;
    const heads: RowHead[] = [];
    const headOf = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const own = this.#rows.headAt(i);
      let place = heads.findIndex((head) => sameHead(head, own));
      if (place < 0) place = heads.push(own) - 1;
      headOf[i] = place;
    }
    return {
      minutes: Int32Array.from({ length }, (_, i) => this.#minuteOf(i)),
      spans: this.#spans.slice(0, length),
      heads,
      headOf,
      values: sparseOf(values.subarray(0, length * WIDTH)),
    };
  }

  static restore({ minutes, spans, heads, headOf, values }: HeldRowsSnapshot): HeldRows {
    const restored = new HeldRows(minutes.length);
    const numbers = denseOf(values);
    for (let i = 0; i < minutes.length; i++) {
      restored.#rows.addRow(
        heads[headOf[i] as number] as RowHead,
        (minutes[i] as number) * MINUTE_MS,
        numbers,
        i * WIDTH,
      );
    }
    restored.#spans.set(spans);
    return restored;
  }

  #minuteOf(row: number): number {
    return this.#rows.fromAt(row) / MINUTE_MS;
  }

  #endOf(row: number): number {
    return this.#minuteOf(row) + (this.#spans[row] as number);
  }

  #runFrom(row: number): number {
    const rows = this.#rows;
    let first = row;
    while (first > 0 && rows.fromAt(first - 1) === rows.fromAt(row)) first--;
    return first;
  }

  /** Lets the last run hold one minute more, if the rows of that minute are alike. */
  #extends(last: number, count: number, table: RowTable, made: number): boolean {
    const first = this.#runFrom(last);
    if (last + 1 - first !== count) return false;
    const held = this.#rows.values;
    const { values } = table.batch;
    for (let i = first, row = made; i <= last; i++, row = table.nextOf(row)) {
      if (!sameHead(this.#rows.headAt(i), table.batch.headAt(row))) return false;
      for (let w = 0; w < WIDTH; w++) if (held[i * WIDTH + w] !== values[row * WIDTH + w]) return false;
    }
    for (let i = first; i <= last; i++) this.#spans[i] = (this.#spans[i] as number) + 1;
    return true;
  }

  /** Splits a run so that a minute is a run of its own; returns its first row. */
  #isolate(first: number, minute: number): number {
    const count = this.endOfRun(first) - first;
    const from = this.#minuteOf(first);
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
    for (let i = first; i < first + count; i++) {
      this.#rows.setHead(i + count, this.#rows.headAt(i));
      this.#rows.set(i + count, this.#rows.values, i * WIDTH);
      this.#spans[i] = span;
    }
  }

  #place(first: number, count: number, minute: number, span: number): void {
    for (let i = first; i < first + count; i++) this.#rows.setFrom(i, minute * MINUTE_MS);
    this.#spans.fill(span, first, first + count);
  }

  #write(first: number, minute: number, table: RowTable, made: number): void {
    const rows = this.#rows;
    const { batch } = table;
    const { values } = batch;
    for (let i = first, row = made; row >= 0; i++, row = table.nextOf(row)) {
      rows.setHead(i, batch.headAt(row));
      rows.setFrom(i, minute * MINUTE_MS);
      rows.set(i, values, row * WIDTH);
      this.#spans[i] = 1;
    }
  }

  /** Moves the rows from `place` on by `count`; the rows in between are to be set by the caller. */
  #open(place: number, count: number): void {
    const rows = this.#rows;
    const length = rows.length + count;
    const held = rows.capacity;
    if (length > held) {
      // At most doubled; from 16 rows on by 16 or an eighth of them, so that little memory lies unused beside an hour of rows.
      rows.reserve(Math.max(length, Math.min(2 * held, held + Math.max(16, held >> 3))));
      const spans = new Int32Array(rows.capacity);
      spans.set(this.#spans);
      this.#spans = spans;
    }
    if (place < rows.length) this.#spans.copyWithin(place + count, place, rows.length);
    rows.insert(place, count);
  }

  #close(place: number, count: number): void {
    this.#spans.copyWithin(place, place + count, this.#rows.length);
    this.#rows.remove(place, count);
  }

  /** Adds a run of another, cut to the minutes `[from, to)`, behind all runs. */
  #append(other: HeldRows, first: number, from: number, to: number): void {
    const count = other.endOfRun(first) - first;
    const place = this.#rows.length;
    this.#open(place, count);
    this.#place(place, count, from, to - from);
    for (let i = 0; i < count; i++) {
      this.#rows.setHead(place + i, other.#rows.headAt(first + i));
      this.#rows.set(place + i, other.#rows.values, (first + i) * WIDTH);
    }
  }
}
