/**
 * Sums of rows by panes (spans of one length), of which the newest are kept, and rolling windows as sums of panes. Windows
 * with panes of one length share them. Memory is bounded by the number of panes, and a machine that ran for an hour needs
 * little: only panes that hold anything have room, and of a component only where it is not 0 in all of them. Panes are held as
 * 32-bit numbers until one does not fit.
 */
import {
  type Columns,
  columnsOf,
  NO_COLUMNS,
  NO_NUMBERS,
  type Numbers,
  type RowDelta,
  type Sparse,
  sparseOf,
  widened,
} from "@oee/columns";
import { WIDTH } from "@oee/model";
import type { SumNumbers } from "./machine-sum.ts";
import { zeros } from "./zeros.ts";

/** Structured-clonable. */
export interface PanesSnapshot {
  readonly paneMs: number;
  readonly newest: number;
  readonly values: Sparse;
  readonly takts: readonly (readonly [number, Sparse])[];
}

/** Planned and elapsed time (ms) of each pane under one takt (µs), in turn: none is longer than its pane. */
interface TaktTimes {
  readonly taktUs: number;
  times: Numbers;
}

/** Is copied: a list that grows number by number takes twice the room. */
const NOTHING = zeros(WIDTH);

/**
 * Of each window three numbers, then what its panes but the newest add up to as long as they stay (the newest alone changes all
 * the time): a column each, and planned and elapsed time (ms) under each takt.
 */
const CLOSED_HEAD = 3;
/** The pane that the window begins with. */
const FIRST = 0;
/** The first pane that was added up, and the state of the panes (`#changes`) at that time. */
const FROM = 1;
const CHANGES = 2;

const INT32_MAX = 2 ** 31 - 1;
const NO_TAKTS: readonly TaktTimes[] = [];
const FIRST_PANES = 4;
/** How many times as much room there is for panes when it is used up. */
const GROWS_BY = 2;
const UINT16_MAX = 2 ** 16 - 1;

export class Panes {
  readonly paneMs: number;
  /** The most panes that are held. */
  readonly #length: number;
  /** Panes that there is room for: the newest; those before them, up to `#length`, are empty. */
  #room = 0;
  /** The oldest pane that anything was added to; before there is one, any. */
  #begun = 0;
  /** A window for each; the caller knows them by their places. */
  readonly #durationsMs: readonly number[];
  /**
   * `CLOSED_HEAD` and what follows of each window in turn: one list, for of thousands of machines each object counts. Made when a window is
   * first read: where a machine catches up nobody reads them.
   */
  #closed: number[] | null = null;
  /** The number of the newest pane, counted from 1970. */
  #newest = -1;
  /** Of most machines 7 of 19. */
  #columns: Columns = NO_COLUMNS;
  /** A sum for each of `#columns` a pane; a pane is at its number modulo `#room`. Without room before anything is added. */
  #values: Numbers = NO_NUMBERS;
  /** Grows where a pane changes that is not the newest, with a new newest one, and with the list of takts and the columns. */
  #changes = 0;
  /** The takts (µs) in force in any pane; a list, because nearly every machine has one, which is found sooner than by a map. */
  #takts: readonly TaktTimes[] = NO_TAKTS;

  /** The windows are asked for by the places of their durations. */
  constructor(paneMs: number, durationsMs: readonly number[]) {
    this.paneMs = paneMs;
    // Two more than a window covers: the one that is filling, and the one that it begins in.
    this.#length = Math.ceil(Math.max(...durationsMs) / paneMs) + 2;
    this.#durationsMs = durationsMs;
  }

  /** Adds to the pane of an instant, unless it is older than all that are held. */
  add(at: number, taktUs: number | null, delta: RowDelta): void {
    const pane = Math.floor(at / this.paneMs);
    if ((delta.mask & ~this.#columns.mask) !== 0) this.#addColumns(delta.mask);
    if (pane > this.#newest) this.#open(pane);
    if (pane < this.#oldest) return;
    if (pane < this.#newest) this.#changes++;
    if (pane < this.#begun) this.#begin(pane);
    const slot = pane % this.#room;
    this.#addTo(slot * this.#columns.places.length, delta);
    if (taktUs === null) return;
    const times = this.#timesUnder(taktUs);
    times[2 * slot] = (times[2 * slot] as number) + delta.planned;
    times[2 * slot + 1] = (times[2 * slot + 1] as number) + delta.elapsed;
  }

  /** PE-3: moves a window on so that it ends at `now`, and is never longer than it may be. Never goes back. Returns where it begins (ms). */
  moveTo(window: number, now: number): number {
    const closed = (this.#closed ??= this.#newClosed());
    const place = window * this.#closedWidth + FIRST;
    const first = Math.ceil((now - (this.#durationsMs[window] as number)) / this.paneMs);
    if (first > (closed[place] as number)) closed[place] = first;
    return (closed[place] as number) * this.paneMs;
  }

  /**
   * A window's sum as it is now. Its panes are added up when it is read, because rows change far more often than that: the newest
   * each time, the others where they changed. A list, because a typed array of its own would cost more than adding up does.
   */
  numbers(window: number): SumNumbers {
    const components = NOTHING.slice();
    const plannedByTakt: [number, number][] = [];
    const closed = (this.#closed ??= this.#newClosed());
    const at = window * this.#closedWidth;
    const from = Math.max(closed[at + FIRST] as number, this.#oldest, this.#newest - this.#room + 1);
    if (from > this.#newest) return { components, plannedByTakt };
    if (closed[at + FROM] !== from || closed[at + CHANGES] !== this.#changes) this.#addUp(from, closed, at);
    const { places } = this.#columns;
    const width = places.length;
    const slot = this.#newest % this.#room;
    const sums = at + CLOSED_HEAD;
    for (let column = 0; column < width; column++) {
      components[places[column] as number] =
        (closed[sums + column] as number) + (this.#values[slot * width + column] as number);
    }
    for (let i = 0; i < this.#takts.length; i++) {
      const { taktUs, times } = this.#takts[i] as TaktTimes;
      const place = sums + width + 2 * i;
      const elapsed = (closed[place + 1] as number) + (times[2 * slot + 1] as number);
      if (elapsed > 0) plannedByTakt.push([taktUs, (closed[place] as number) + (times[2 * slot] as number)]);
    }
    return { components, plannedByTakt };
  }

  /** Numbers of each window in `#closed`. */
  get #closedWidth(): number {
    return CLOSED_HEAD + this.#columns.places.length + 2 * this.#takts.length;
  }

  #newClosed(): number[] {
    const width = this.#closedWidth;
    const closed = zeros(width * this.#durationsMs.length).slice();
    for (let window = 0; window < this.#durationsMs.length; window++) closed[window * width + CHANGES] = -1;
    return closed;
  }

  /** After columns or takts changed: nothing is added up any more, and windows begin where they did. `before`: `#closedWidth` before it. */
  #renewClosed(before: number): void {
    this.#changes++;
    const was = this.#closed;
    if (was === null) return;
    const width = this.#closedWidth;
    const closed = this.#newClosed();
    for (let window = 0; window < this.#durationsMs.length; window++) {
      closed[window * width + FIRST] = was[window * before + FIRST] as number;
    }
    this.#closed = closed;
  }

  /** Adds up the panes from one on, but the newest, for the window whose numbers begin at a place of `closed`. */
  #addUp(from: number, closed: number[], at: number): void {
    closed[at + FROM] = from;
    closed[at + CHANGES] = this.#changes;
    // They lie in one piece, or in two: up to the end of the room, and from its beginning on.
    const begin = from % this.#room;
    const end = this.#newest % this.#room;
    const wraps = begin > end;
    const firstEnd = wraps ? this.#room : end;
    const secondEnd = wraps ? end : 0;
    const width = this.#columns.places.length;
    const values = this.#values;
    let place = at + CLOSED_HEAD;
    for (let column = 0; column < width; column++) {
      let total = 0;
      for (let i = begin * width + column; i < firstEnd * width; i += width) total += values[i] as number;
      for (let i = column; i < secondEnd * width; i += width) total += values[i] as number;
      closed[place++] = total;
    }
    for (const { times } of this.#takts) {
      for (let which = 0; which < 2; which++) {
        let total = 0;
        for (let i = 2 * begin + which; i < 2 * firstEnd; i += 2) total += times[i] as number;
        for (let i = which; i < 2 * secondEnd; i += 2) total += times[i] as number;
        closed[place++] = total;
      }
    }
  }

  snapshot(): PanesSnapshot {
    const takts = this.#takts.map(({ taktUs, times }) => [taktUs, sparseOf(times)] as const);
    return { paneMs: this.paneMs, newest: this.#newest, values: this.#sparse(), takts };
  }

  /** The sums as if each pane had `WIDTH` columns: which there are may differ from one worker to the next. */
  #sparse(): Sparse {
    const { places } = this.#columns;
    const { amounts, places: cells } = sparseOf(this.#values);
    const length = this.#room * WIDTH;
    const wide = length <= UINT16_MAX ? new Uint16Array(cells.length) : new Uint32Array(cells.length);
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as number;
      const column = cell % places.length;
      wide[i] = ((cell - column) / places.length) * WIDTH + (places[column] as number);
    }
    return { length, places: wide, amounts };
  }

  /** Goes on from a snapshot of panes of the same length, whose number may differ. */
  restore({ newest, values, takts }: PanesSnapshot): void {
    this.#newest = newest;
    const length = values.length / WIDTH;
    const paneAt = (slot: number): number => newest - ((((newest - slot) % length) + length) % length);
    let begun = newest;
    let mask = 0;
    for (const place of values.places) {
      begun = Math.min(begun, paneAt(Math.floor(place / WIDTH)));
      mask |= 1 << (place % WIDTH);
    }
    for (const [, { places }] of takts) {
      for (const place of places) begun = Math.min(begun, paneAt(Math.floor(place / 2)));
    }
    const before = this.#closedWidth;
    this.#columns = columnsOf(mask);
    this.#takts = NO_TAKTS;
    if (newest >= 0) this.#begin(Math.max(begun, this.#oldest));
    const width = this.#columns.places.length;
    const { columnOf } = this.#columns;
    const oldest = Math.max(this.#oldest, newest - length + 1);
    const size = this.#room * width;
    this.#values = values.amounts instanceof Float64Array ? new Float64Array(size) : new Int32Array(size);
    for (let i = 0; i < values.places.length; i++) {
      const place = values.places[i] as number;
      const pane = paneAt(Math.floor(place / WIDTH));
      if (pane < oldest) continue;
      const column = columnOf[place % WIDTH] as number;
      this.#values[(pane % this.#room) * width + column] = values.amounts[i] as number;
    }
    this.#takts = takts.map(([taktUs, { places, amounts }]) => {
      const times = this.#newTimes();
      for (let i = 0; i < places.length; i++) {
        const place = places[i] as number;
        const pane = paneAt(Math.floor(place / 2));
        if (pane >= oldest) times[(pane % this.#room) * 2 + (place % 2)] = amounts[i] as number;
      }
      return { taktUs, times };
    });
    this.#renewClosed(before);
  }

  get #oldest(): number {
    return Math.max(0, this.#newest - this.#length + 1);
  }

  #timesUnder(taktUs: number): Numbers {
    for (const takt of this.#takts) if (takt.taktUs === taktUs) return takt.times;
    const times = this.#newTimes();
    this.#setTakts([...this.#takts, { taktUs, times }]);
    return times;
  }

  #setTakts(takts: readonly TaktTimes[]): void {
    const before = this.#closedWidth;
    this.#takts = takts;
    this.#renewClosed(before);
  }

  #newTimes(): Numbers {
    return this.paneMs <= INT32_MAX ? new Int32Array(2 * this.#room) : new Float64Array(2 * this.#room);
  }

  /** Notes that a pane not after the newest is the oldest that anything is added to, and makes room up to it. */
  #begin(pane: number): void {
    this.#begun = pane;
    if (this.#newest - pane >= this.#room) this.#grow(this.#newest - pane + 1);
  }

  /** Makes room for at least so many panes, of which there are no more than `#length`. */
  #grow(panes: number): void {
    const before = this.#room;
    const room = Math.min(this.#length, Math.max(panes, before === 0 ? FIRST_PANES : GROWS_BY * before));
    const moved = <N extends Numbers>(from: N, to: N, width: number): N => {
      for (let pane = Math.max(0, this.#newest - before + 1); pane <= this.#newest; pane++) {
        const base = (pane % before) * width;
        const place = (pane % room) * width;
        // A view of so few numbers costs many times what copying them does.
        for (let i = 0; i < width; i++) to[place + i] = from[base + i] as number;
      }
      return to;
    };
    const values = this.#values;
    const width = this.#columns.places.length;
    const roomy = values instanceof Int32Array ? new Int32Array(room * width) : new Float64Array(room * width);
    this.#values = moved<Numbers>(values, roomy, width);
    this.#room = room;
    for (const takt of this.#takts) takt.times = moved<Numbers>(takt.times, this.#newTimes(), 2);
  }

  /** Makes columns for components that had none: few times in the life of a machine. */
  #addColumns(mask: number): void {
    const before = this.#closedWidth;
    const columns = columnsOf(this.#columns.mask | mask);
    this.#values = widened(this.#values, this.#room, this.#columns, columns);
    this.#columns = columns;
    this.#renewClosed(before);
  }

  #addTo(offset: number, { length, places, amounts }: RowDelta): void {
    const { columnOf } = this.#columns;
    let values = this.#values;
    for (let i = 0; i < length; i++) {
      const place = offset + (columnOf[places[i] as number] as number);
      const sum = (values[place] as number) + (amounts[i] as number);
      values[place] = sum;
      if (values[place] === sum) continue;
      values = Float64Array.from(values);
      values[place] = sum;
      this.#values = values;
    }
  }

  /** Makes room for a new newest pane: those that it takes the place of are emptied. */
  #open(pane: number): void {
    if (this.#newest < 0) this.#begun = pane;
    const held = pane - Math.max(this.#begun, pane - this.#length + 1) + 1;
    if (held > this.#room) this.#grow(held);
    const values = this.#values;
    const width = this.#columns.places.length;
    for (let opened = Math.max(this.#newest + 1, pane - this.#room + 1); opened <= pane; opened++) {
      const slot = opened % this.#room;
      // `fill` costs more than it clears here.
      for (let i = slot * width; i < (slot + 1) * width; i++) values[i] = 0;
      for (const { times } of this.#takts) times[2 * slot] = times[2 * slot + 1] = 0;
    }
    this.#newest = pane;
    this.#changes++;
    if (this.#takts.length < 2) return;
    const inForce = this.#takts.filter(({ times }) => times.some((ms) => ms !== 0));
    if (inForce.length < this.#takts.length) this.#setTakts(inForce);
  }
}
