/**
 * Sums of rows by panes (spans of one length), of which the newest are kept, and rolling windows as sums of panes. Memory
 * is bounded by the number of panes; windows with panes of one length share them. Panes are held as 32-bit numbers until
 * one does not fit. There is room for as many panes as hold anything, so that a machine of an hour needs little.
 */
import { type RowDelta, type Sparse, sparseOf } from "@oee/columns";
import { WIDTH } from "@oee/model";
import type { SumNumbers } from "./machine-sum.ts";
import { zeros } from "./zeros.ts";

/** Whole numbers, as narrow as they allow. */
type Numbers = Int32Array | Float64Array;

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

/** What the panes of a window but the newest add up to, as long as they stay: the newest alone changes all the time. */
class Closed {
  /** The pane that the window begins with, and the state of the panes (`#changes`), of which it is the sum. */
  from = -1;
  changes = -1;
  readonly values: number[] = NOTHING.slice();
  /** Planned and elapsed time (ms) under each takt, in turn. */
  times: number[] = [];
}

/** Is copied: a list that grows number by number takes twice the room. */
const NOTHING = zeros(WIDTH);

const INT32_MAX = 2 ** 31 - 1;
const NO_NUMBERS = new Int32Array(0);
const FIRST_PANES = 4;

export class Panes {
  readonly paneMs: number;
  /** The most panes that are held. */
  readonly #length: number;
  /** Panes that there is room for: the newest; those before them, up to `#length`, are empty. */
  #room = 0;
  /** The oldest pane that anything was added to. */
  #begun = Infinity;
  readonly #durationsMs: readonly number[];
  /** Made when they are first read: where a machine catches up nobody reads them, and of thousands each object counts. */
  #windows: readonly PaneWindow[] | null = null;
  /** The number of the newest pane, counted from 1970. */
  #newest = -1;
  /** `WIDTH` sums a pane; a pane is at its number modulo `#room`. Without room before anything is added. */
  #values: Numbers = NO_NUMBERS;
  /** As bits, the places at which some pane may hold something other than 0: of most machines 7 of 19. */
  #used = 0;
  /** Grows where a pane changes that is not the newest, with a new newest one, and with the list of takts. */
  #changes = 0;
  /** The takts (µs) in force in any pane; a list, because nearly every machine has one, which is found sooner than by a map. */
  #takts: TaktTimes[] = [];

  constructor(paneMs: number, durationsMs: readonly number[]) {
    this.paneMs = paneMs;
    // Two more than a window covers: the one that is filling, and the one that it begins in.
    this.#length = Math.ceil(Math.max(...durationsMs) / paneMs) + 2;
    this.#durationsMs = durationsMs;
  }

  /** A window of each duration that was asked for, in that order. */
  get windows(): readonly PaneWindow[] {
    return (this.#windows ??= this.#durationsMs.map((durationMs) => new PaneWindow(this, durationMs)));
  }

  /** Adds to the pane of an instant, unless it is older than all that are held. */
  add(at: number, taktUs: number | null, delta: RowDelta): void {
    const pane = Math.floor(at / this.paneMs);
    if (pane > this.#newest) this.#open(pane);
    if (pane < this.#oldest) return;
    if (pane < this.#newest) this.#changes++;
    if (pane < this.#begun) this.#begin(pane);
    const slot = pane % this.#room;
    this.#addTo(slot * WIDTH, delta);
    this.#used |= delta.mask;
    if (taktUs === null) return;
    const times = this.#timesUnder(taktUs);
    times[2 * slot] = (times[2 * slot] as number) + delta.planned;
    times[2 * slot + 1] = (times[2 * slot + 1] as number) + delta.elapsed;
  }

  /** The sum of the panes from `oldest` on; a list, because a typed array of its own would cost more than adding up does. `closed`: the window's own. */
  numbersFrom(oldest: number, closed: Closed): SumNumbers {
    const components = NOTHING.slice();
    const plannedByTakt: [number, number][] = [];
    const from = Math.max(oldest, this.#oldest, this.#newest - this.#room + 1);
    if (from > this.#newest) return { components, plannedByTakt };
    if (closed.from !== from || closed.changes !== this.#changes) this.#addUp(from, closed);
    const slot = this.#newest % this.#room;
    for (let place = 0; place < WIDTH; place++) {
      components[place] = (closed.values[place] as number) + (this.#values[slot * WIDTH + place] as number);
    }
    for (let i = 0; i < this.#takts.length; i++) {
      const { taktUs, times } = this.#takts[i] as TaktTimes;
      const elapsed = (closed.times[2 * i + 1] as number) + (times[2 * slot + 1] as number);
      if (elapsed > 0) plannedByTakt.push([taktUs, (closed.times[2 * i] as number) + (times[2 * slot] as number)]);
    }
    return { components, plannedByTakt };
  }

  /** Adds up the panes from one on, but the newest. */
  #addUp(from: number, closed: Closed): void {
    closed.from = from;
    closed.changes = this.#changes;
    // They lie in one piece, or in two: up to the end of the room, and from its beginning on.
    const begin = from % this.#room;
    const end = this.#newest % this.#room;
    const pieces =
      begin <= end
        ? [{ begin, end }]
        : [
            { begin, end: this.#room },
            { begin: 0, end },
          ];
    for (let place = 0; place < WIDTH; place++) {
      closed.values[place] = (this.#used & (1 << place)) === 0 ? 0 : this.#total(place, pieces);
    }
    closed.times = this.#takts.flatMap(({ times }) => {
      let planned = 0;
      let elapsed = 0;
      for (const { begin: low, end: high } of pieces) {
        for (let slot = low; slot < high; slot++) {
          planned += times[2 * slot] as number;
          elapsed += times[2 * slot + 1] as number;
        }
      }
      return [planned, elapsed];
    });
  }

  /** What the panes in some slots hold at a place, added up. */
  #total(place: number, slots: readonly { readonly begin: number; readonly end: number }[]): number {
    const values = this.#values;
    let total = 0;
    for (const { begin, end } of slots) {
      for (let i = begin * WIDTH + place; i < end * WIDTH; i += WIDTH) total += values[i] as number;
    }
    return total;
  }

  snapshot(): PanesSnapshot {
    const takts = this.#takts.map(({ taktUs, times }) => [taktUs, sparseOf(times)] as const);
    return { paneMs: this.paneMs, newest: this.#newest, values: sparseOf(this.#values), takts };
  }

  /** Goes on from a snapshot of panes of the same length, whose number may differ. */
  restore({ newest, values, takts }: PanesSnapshot): void {
    this.#changes++;
    this.#newest = newest;
    const length = values.length / WIDTH;
    const paneAt = (slot: number): number => newest - ((((newest - slot) % length) + length) % length);
    let begun = newest;
    for (const place of values.places) {
      begun = Math.min(begun, paneAt(Math.floor(place / WIDTH)));
      this.#used |= 1 << (place % WIDTH);
    }
    for (const [, { places }] of takts) {
      for (const place of places) begun = Math.min(begun, paneAt(Math.floor(place / 2)));
    }
    if (newest >= 0) this.#begin(Math.max(begun, this.#oldest));
    const copy = ({ places, amounts }: Sparse, to: Numbers, width: number): void => {
      const oldest = Math.max(this.#oldest, newest - length + 1);
      for (let i = 0; i < places.length; i++) {
        const place = places[i] as number;
        const pane = paneAt(Math.floor(place / width));
        if (pane >= oldest) to[(pane % this.#room) * width + (place % width)] = amounts[i] as number;
      }
    };
    if (values.amounts instanceof Float64Array) this.#values = new Float64Array(this.#values.length);
    copy(values, this.#values, WIDTH);
    this.#takts = takts.map(([taktUs, held]) => {
      const times = this.#newTimes();
      copy(held, times, 2);
      return { taktUs, times };
    });
  }

  get #oldest(): number {
    return Math.max(0, this.#newest - this.#length + 1);
  }

  #timesUnder(taktUs: number): Numbers {
    for (const takt of this.#takts) if (takt.taktUs === taktUs) return takt.times;
    const times = this.#newTimes();
    this.#takts.push({ taktUs, times });
    this.#changes++;
    return times;
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
    const room = Math.min(this.#length, Math.max(panes, before === 0 ? FIRST_PANES : 4 * before));
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
    const roomy = values instanceof Int32Array ? new Int32Array(room * WIDTH) : new Float64Array(room * WIDTH);
    this.#values = moved<Numbers>(values, roomy, WIDTH);
    this.#room = room;
    for (const takt of this.#takts) takt.times = moved<Numbers>(takt.times, this.#newTimes(), 2);
  }

  #addTo(offset: number, { length, places, amounts }: RowDelta): void {
    const values = this.#values;
    for (let i = 0; i < length; i++) {
      const place = offset + (places[i] as number);
      const sum = (values[place] as number) + (amounts[i] as number);
      values[place] = sum;
      if (values[place] === sum) continue;
      this.#values = Float64Array.from(values);
      this.#values[place] = sum;
      for (let rest = i + 1; rest < length; rest++) {
        const next = offset + (places[rest] as number);
        this.#values[next] = (this.#values[next] as number) + (amounts[rest] as number);
      }
      return;
    }
  }

  /** Makes room for a new newest pane: those that it takes the place of are emptied. */
  #open(pane: number): void {
    if (this.#newest < 0) this.#begun = pane;
    const held = pane - Math.max(this.#begun, pane - this.#length + 1) + 1;
    if (held > this.#room) this.#grow(held);
    const values = this.#values;
    for (let opened = Math.max(this.#newest + 1, pane - this.#room + 1); opened <= pane; opened++) {
      const slot = opened % this.#room;
      // `fill` costs more than it clears here.
      for (let i = slot * WIDTH; i < (slot + 1) * WIDTH; i++) values[i] = 0;
      for (const { times } of this.#takts) times[2 * slot] = times[2 * slot + 1] = 0;
    }
    this.#newest = pane;
    this.#changes++;
    if (this.#takts.length < 2) return;
    this.#takts = this.#takts.filter(({ times }) => times.some((ms) => ms !== 0));
  }
}

/** One window of fixed length. Its panes are added up when it is read, because rows change far more often than that: the newest each time, the others where they changed. */
export class PaneWindow {
  readonly durationMs: number;
  readonly #panes: Panes;
  /** The pane that it begins with. */
  #first = 0;
  readonly #closed = new Closed();

  constructor(panes: Panes, durationMs: number) {
    this.#panes = panes;
    this.durationMs = durationMs;
  }

  /** PE-3: never more than the window. Never goes back. Returns where it begins (ms). */
  moveTo(now: number): number {
    const { paneMs } = this.#panes;
    const first = Math.ceil((now - this.durationMs) / paneMs);
    if (first > this.#first) this.#first = first;
    return first * paneMs;
  }

  /** The window's sum as it is now. */
  numbers(): SumNumbers {
    return this.#panes.numbersFrom(this.#first, this.#closed);
  }
}
