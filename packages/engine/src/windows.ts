/**
 * Rolling windows of one machine (PE-3), kept by adding what rows change by: exact, since all is whole numbers.
 * A window is a ring of panes; memory is bounded by the number of panes, whatever the windows' lengths.
 */
import type { RollingWindow, Row } from "@oee/model";
import type { CalendarClock, Shift } from "./calendar.ts";
import { elapsedOf, plannedOf, type Summand, Sums } from "./sums.ts";
import { MINUTE_MS } from "./zone.ts";

/** What one window holds at an instant: the sums of `[from, to)`. */
export interface WindowSums {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly sums: Sums;
}

/** Structured-clonable; made by the version of the engine's snapshot. */
export interface WindowsSnapshot {
  readonly rings: readonly { readonly newest: number; readonly panes: Float64Array; readonly takts: readonly Takt[] }[];
  readonly shifts: readonly ShiftSums[];
}

const NAMES = [
  "runTime",
  "minorStopTime",
  "unplannedStopTime",
  "setupTime",
  "plannedStopTime",
  "notPlannedTime",
  "unknownTime",
  "failureTime",
  "goodCount",
  "scrapCount",
  "reworkCount",
  "idealTimeUs",
  "idealGoodTimeUs",
  "startupLossTimeUs",
  "failureCount",
  "repairCount",
  "repairTime",
  "stopCount",
  "minorStopCount",
] as const;
const WIDTH = NAMES.length;

/** Planned and elapsed time under one takt, by pane. */
interface Takt {
  readonly taktUs: number;
  readonly planned: Float64Array;
  readonly elapsed: Float64Array;
}

interface ShiftSums {
  readonly shift: string;
  readonly date: string;
  readonly total: Float64Array;
  readonly takts: Map<number, { planned: number; elapsed: number }>;
}

/** The running shift and the one before it, whose end may still change. */
const SHIFTS_KEPT = 2;

/** One change of a row: `before` is what it was, `null` if it was not. */
export interface RowChange {
  readonly row: Row;
  readonly before: Row | null;
}

export class Windows {
  readonly #clock: CalendarClock;
  readonly #costPerHour: number | null;
  readonly #windows: readonly RollingWindow[];
  readonly #rings: Ring[];
  #shifts: ShiftSums[] = [];

  constructor(windows: readonly RollingWindow[], clock: CalendarClock, costPerHour: number | null) {
    this.#windows = windows;
    this.#clock = clock;
    this.#costPerHour = costPerHour;
    this.#rings = windows.flatMap(({ durationMs }) => (durationMs === null ? [] : [new Ring(durationMs)]));
  }

  /** Takes a change of a minute row. */
  change({ row, before }: RowChange): void {
    subtract(row, before, delta);
    for (const ring of this.#rings) ring.add(row.from, row.taktUs, delta);
    if (row.shift === null || row.shiftDate === null) return;
    const sums = this.#sumsOfShift(row.shift, row.shiftDate);
    for (let i = 0; i < WIDTH; i++) sums.total[i] = (sums.total[i] as number) + (delta[i] as number);
    if (row.taktUs === null) return;
    const takt = sums.takts.get(row.taktUs) ?? { planned: 0, elapsed: 0 };
    takt.planned += delta[PLANNED] as number;
    takt.elapsed += delta[ELAPSED] as number;
    sums.takts.set(row.taktUs, takt);
  }

  /** Each window as it stands at `now`; the running shift is left out while there is none. */
  at(now: number): WindowSums[] {
    const result: WindowSums[] = [];
    let r = 0;
    for (const { name, durationMs } of this.#windows) {
      if (durationMs !== null) {
        const ring = this.#rings[r++] as Ring;
        const from = ring.startAt(now);
        result.push({ name, from, to: now, sums: sumsOf(ring.total(now), ring.taktsAt(now), this.#costPerHour) });
        continue;
      }
      const shift: Shift | null = this.#clock.spanAt(now - 1).shift;
      if (shift === null) continue;
      const { total, takts } = this.#sumsOfShift(shift.name, shift.date);
      result.push({ name, from: shift.from, to: now, sums: sumsOf(total, takts, this.#costPerHour) });
    }
    return result;
  }

  snapshot(): WindowsSnapshot {
    return { rings: this.#rings.map((ring) => ring.snapshot()), shifts: this.#shifts };
  }

  restore(snapshot: WindowsSnapshot): void {
    for (const [i, ring] of this.#rings.entries()) {
      const from = snapshot.rings[i];
      if (from !== undefined) ring.restore(from);
    }
    this.#shifts = [...snapshot.shifts];
  }

  #sumsOfShift(shift: string, date: string): ShiftSums {
    const known = this.#shifts.find((sums) => sums.shift === shift && sums.date === date);
    if (known !== undefined) return known;
    const made: ShiftSums = { shift, date, total: new Float64Array(WIDTH), takts: new Map() };
    this.#shifts.push(made);
    // By date first: a late row of a shift long gone must not push out the running one.
    if (this.#shifts.length > SHIFTS_KEPT) {
      const oldest = this.#shifts.reduce((a, b) => (b.date < a.date ? b : a));
      this.#shifts.splice(this.#shifts.indexOf(oldest), 1);
    }
    return made;
  }
}

const PLANNED = WIDTH;
const ELAPSED = WIDTH + 1;
/** The change at hand, and with it the planned and elapsed time of it. */
const delta: Float64Array = new Float64Array(WIDTH + 2);

function subtract(row: Row, before: Row | null, into: Float64Array): void {
  for (let i = 0; i < WIDTH; i++) {
    const name = NAMES[i] as (typeof NAMES)[number];
    into[i] = row[name] - (before === null ? 0 : before[name]);
  }
  into[PLANNED] = plannedOf(row) - (before === null ? 0 : plannedOf(before));
  into[ELAPSED] = elapsedOf(row) - (before === null ? 0 : elapsedOf(before));
}

function sumsOf(
  total: Float64Array,
  takts: Iterable<readonly [number, { readonly planned: number; readonly elapsed: number }]>,
  costPerHour: number | null,
): Sums {
  const row = { taktUs: null, costPerHour } as Record<string, number | null>;
  for (let i = 0; i < WIDTH; i++) row[NAMES[i] as string] = total[i] as number;
  const sums = new Sums().add(row as unknown as Summand);
  for (const [taktUs, { planned, elapsed }] of takts) if (elapsed > 0) sums.plannedByTakt.set(taktUs, planned);
  return sums;
}

/** One window of fixed length. */
class Ring {
  readonly #durationMs: number;
  readonly #paneMs: number;
  readonly #length: number;
  /** The number of the newest pane, counted from 1970. */
  #newest = -1;
  /** The first pane that is in `#total`. */
  #first = 0;
  readonly #panes: Float64Array;
  /** Which pane each slot holds; −1: none. */
  readonly #paneOf: Float64Array;
  readonly #total: Float64Array = new Float64Array(WIDTH);
  readonly #takts = new Map<number, Takt>();

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
    this.#paneMs = Math.max(MINUTE_MS, Math.ceil(durationMs / 60 / MINUTE_MS) * MINUTE_MS);
    this.#length = Math.ceil(durationMs / this.#paneMs) + 2;
    this.#panes = new Float64Array(this.#length * WIDTH);
    this.#paneOf = new Float64Array(this.#length).fill(-1);
  }

  /** PE-3: never more than the window. */
  startAt(now: number): number {
    return Math.ceil((now - this.#durationMs) / this.#paneMs) * this.#paneMs;
  }

  add(at: number, taktUs: number | null, change: Float64Array): void {
    const pane = Math.floor(at / this.#paneMs);
    if (pane > this.#newest) this.#open(pane);
    if (pane <= this.#newest - this.#length) return;
    const slot = pane % this.#length;
    const base = slot * WIDTH;
    const panes = this.#panes;
    for (let i = 0; i < WIDTH; i++) panes[base + i] = (panes[base + i] as number) + (change[i] as number);
    if (pane >= this.#first) {
      const total = this.#total;
      for (let i = 0; i < WIDTH; i++) total[i] = (total[i] as number) + (change[i] as number);
    }
    if (taktUs !== null) {
      const { planned, elapsed } = this.#takt(taktUs);
      planned[slot] = (planned[slot] as number) + (change[PLANNED] as number);
      elapsed[slot] = (elapsed[slot] as number) + (change[ELAPSED] as number);
    }
  }

  /** The sums of the panes from `startAt(now)` on. `now` never goes back. */
  total(now: number): Float64Array {
    const first = this.startAt(now) / this.#paneMs;
    const last = Math.min(first - 1, this.#newest);
    for (let pane = Math.max(this.#first, this.#newest - this.#length + 1); pane <= last; pane++) {
      if (this.#paneOf[pane % this.#length] === pane) this.#takeAway(pane % this.#length);
    }
    this.#first = Math.max(this.#first, first);
    return this.#total;
  }

  *taktsAt(now: number): Iterable<readonly [number, { planned: number; elapsed: number }]> {
    const first = Math.max(this.startAt(now) / this.#paneMs, this.#newest - this.#length + 1);
    for (const { taktUs, planned, elapsed } of this.#takts.values()) {
      const sum = { planned: 0, elapsed: 0 };
      for (let pane = first; pane <= this.#newest; pane++) {
        sum.planned += planned[pane % this.#length] as number;
        sum.elapsed += elapsed[pane % this.#length] as number;
      }
      yield [taktUs, sum];
    }
  }

  snapshot(): WindowsSnapshot["rings"][number] {
    return { newest: this.#newest, panes: this.#panes.slice(), takts: [...this.#takts.values()] };
  }

  restore({ newest, panes, takts }: WindowsSnapshot["rings"][number]): void {
    this.#newest = newest;
    this.#panes.set(panes);
    for (const { taktUs, planned, elapsed } of takts) {
      const own = this.#takt(taktUs);
      own.planned.set(planned);
      own.elapsed.set(elapsed);
    }
    this.#first = Math.max(0, newest - this.#length + 1);
    for (let pane = this.#first; pane <= newest; pane++) this.#paneOf[pane % this.#length] = pane;
    this.#total.fill(0);
    for (let i = 0; i < this.#panes.length; i++) {
      this.#total[i % WIDTH] = (this.#total[i % WIDTH] as number) + (this.#panes[i] as number);
    }
  }

  /** Makes room for a new newest pane: the slots that it passes over are emptied. */
  #open(pane: number): void {
    for (let opened = Math.max(this.#newest + 1, pane - this.#length + 1); opened <= pane; opened++) {
      const slot = opened % this.#length;
      if ((this.#paneOf[slot] as number) >= this.#first) this.#takeAway(slot);
      this.#panes.fill(0, slot * WIDTH, (slot + 1) * WIDTH);
      this.#paneOf[slot] = opened;
      for (const { planned, elapsed } of this.#takts.values()) {
        planned[slot] = 0;
        elapsed[slot] = 0;
      }
    }
    if (this.#takts.size > 1) {
      for (const [taktUs, { elapsed }] of this.#takts) {
        if (elapsed.every((ms) => ms === 0)) this.#takts.delete(taktUs);
      }
    }
    this.#first = Math.max(this.#first, pane - this.#length + 1);
    this.#newest = pane;
  }

  #takeAway(slot: number): void {
    for (let i = 0; i < WIDTH; i++) {
      this.#total[i] = (this.#total[i] as number) - (this.#panes[slot * WIDTH + i] as number);
    }
  }

  #takt(taktUs: number): Takt {
    let takt = this.#takts.get(taktUs);
    if (takt === undefined) {
      takt = { taktUs, planned: new Float64Array(this.#length), elapsed: new Float64Array(this.#length) };
      this.#takts.set(taktUs, takt);
    }
    return takt;
  }
}
