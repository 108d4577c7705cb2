/**
 * Fills rows: puts each span of time and each quantity into the row of its cell, product and shift (CO-1, CA-5).
 * Rows that were there before are replaced by changed copies, never changed in place.
 */
import type { Category, JobEvent, Row } from "@oee/model";
import type { CalendarSpan, Shift } from "./calendar.ts";
import type { Cells } from "./cells.ts";
import { type MachineModel, type Rates, ratesOf } from "./machine-model.ts";
import { copyOfRow, emptyRow, type RowHead } from "./rows.ts";

/** The rows of one cell, the newest last. */
export type CellRows = Row[];

/** What the rows of a cell are before this builder touches it. */
export type EarlierRows = (cellFrom: number) => readonly Row[] | undefined;

const NONE: EarlierRows = () => undefined;

export class RowBuilder {
  readonly #model: MachineModel;
  readonly #jobs: readonly JobEvent[];
  readonly #cells: Cells;
  readonly #earlier: EarlierRows;
  readonly #rows = new Map<number, CellRows>();
  #lastCell = -Infinity;
  #inOrder = true;
  /** Rows made for instants outside of this do not exist. */
  readonly #from: number;
  readonly #to: number;

  // The piece of time at hand: one cell, one job, one span of the calendar.
  #pieceFrom = Infinity;
  #pieceTo = -Infinity;
  #row: Row;
  #span: CalendarSpan | undefined;
  #rates: Rates;
  #job = -1;

  /**
   * `jobs` is sorted by instant; only rows of `[from, to)` are made. A cell for which `earlier` has rows
   * starts from copies of them.
   */
  constructor(
    model: MachineModel,
    jobs: readonly JobEvent[],
    cells: Cells,
    from: number,
    to: number,
    earlier: EarlierRows = NONE,
  ) {
    this.#model = model;
    this.#jobs = jobs;
    this.#cells = cells;
    this.#from = from;
    this.#to = to;
    this.#earlier = earlier;
    this.#rates = ratesOf(model, null);
    this.#row = emptyRow(headOf(model, this.#rates, null), 0);
  }

  /** Rows by the start of their cell. */
  get rows(): ReadonlyMap<number, readonly Row[]> {
    return this.#rows;
  }

  /** The starts of the cells that have rows, by time. */
  get cellStarts(): readonly number[] {
    const starts = [...this.#rows.keys()];
    return this.#inOrder ? starts : starts.sort((a, b) => a - b);
  }

  /** Adds a span that is not part of a stop, by its category and the calendar (CA-4). */
  addTime(from: number, to: number, category: Category): void {
    const countsOvertime = this.#model.machine.overtime === "count";
    const end = Math.min(to, this.#to);
    for (let at = Math.max(from, this.#from); at < end; ) {
      this.#seek(at);
      const pieceEnd = Math.min(end, this.#pieceTo);
      const duration = pieceEnd - at;
      const row = this.#row;
      const scheduled = (this.#span as CalendarSpan).scheduled;
      if (category === "production" && (scheduled || countsOvertime)) row.runTime += duration;
      else if (!scheduled || category === "notPlanned") row.notPlannedTime += duration;
      else if (category === "setup") row.setupTime += duration;
      else if (category === "plannedStop") row.plannedStopTime += duration;
      else row.unknownTime += duration;
      at = pieceEnd;
    }
  }

  /**
   * Adds (`sign` 1) or takes back (−1) a span of a stop, within `[low, high)` only (ST-2).
   * Unscheduled time before `settledBefore` is left alone: it is not planned however the stop is judged.
   */
  addStopTime(
    from: number,
    to: number,
    unplanned: boolean,
    failure: boolean,
    sign: 1 | -1,
    low: number,
    high: number,
    settledBefore: number,
  ): void {
    const end = Math.min(to, high, this.#to);
    for (let at = Math.max(from, low, this.#from); at < end; ) {
      const span = this.#model.clock.spanAt(at);
      if (!span.scheduled && at < settledBefore) {
        at = Math.min(end, span.to, settledBefore);
        continue;
      }
      this.#seek(at);
      const pieceEnd = Math.min(end, this.#pieceTo);
      const duration = sign * (pieceEnd - at);
      const row = this.#row;
      if (!span.scheduled) row.notPlannedTime += duration;
      else if (unplanned) {
        row.unplannedStopTime += duration;
        if (failure) row.failureTime += duration;
      } else row.minorStopTime += duration;
      at = pieceEnd;
    }
  }

  /** Adds to a component that lies at an instant. */
  addAt(
    at: number | null,
    component: "stopCount" | "minorStopCount" | "failureCount" | "repairCount" | "repairTime",
    amount: number,
    low: number,
    high: number,
  ): void {
    if (at === null || at < Math.max(low, this.#from) || at >= Math.min(high, this.#to)) return;
    this.#seek(at);
    this.#row[component] += amount;
  }

  /** Adds a quantity (CN-1): 0 good, 1 scrap, 2 rework. */
  addCount(at: number, quantity: 0 | 1 | 2, value: number, startup: boolean): void {
    if (at < this.#from || at >= this.#to) return;
    this.#seek(at);
    if (!(this.#span as CalendarSpan).scheduled && this.#model.machine.overtime === "ignore") return;
    const row = this.#row;
    const idealUs = (this.#rates.idealCycleUs ?? 0) * value;
    row.idealTimeUs += idealUs;
    if (quantity === 0) {
      row.goodCount += value;
      row.idealGoodTimeUs += idealUs;
      return;
    }
    if (quantity === 1) row.scrapCount += value;
    else row.reworkCount += value;
    if (startup) row.startupLossTimeUs += idealUs;
  }

  #seek(at: number): void {
    if (at >= this.#pieceFrom && at < this.#pieceTo) return;
    const jobs = this.#jobs;
    let job = this.#job;
    while (job + 1 < jobs.length && (jobs[job + 1] as JobEvent).at <= at) job++;
    while (job >= 0 && (jobs[job] as JobEvent).at > at) job--;
    if (job !== this.#job) {
      this.#job = job;
      this.#rates = ratesOf(this.#model, jobs[job] ?? null);
    }
    const span = this.#model.clock.spanAt(at);
    this.#span = span;
    const cellStart = this.#cells.startOf(at);
    const cellFrom = Math.max(cellStart, this.#from);
    this.#pieceFrom = Math.max(cellFrom, span.from, jobs[job]?.at ?? -Infinity);
    this.#pieceTo = Math.min(this.#cells.endOf(at), span.to, jobs[job + 1]?.at ?? Infinity);
    this.#row = this.#rowOf(cellStart, cellFrom, span);
  }

  #rowOf(cellStart: number, cellFrom: number, span: CalendarSpan): Row {
    const { product } = this.#rates;
    const { shift } = span;
    let rows = this.#rows.get(cellStart);
    if (rows === undefined) {
      if (cellStart < this.#lastCell) this.#inOrder = false;
      else this.#lastCell = cellStart;
      const earlier = this.#earlier(cellStart);
      // An array that begins empty grows to 17 places with its first element; nearly all have one.
      rows =
        earlier === undefined
          ? [emptyRow(headOf(this.#model, this.#rates, shift), cellFrom)]
          : earlier.map((row) => copyOfRow(row, cellStart));
      this.#rows.set(cellStart, rows);
    }
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i] as Row;
      if (row.product === product && row.shift === (shift?.name ?? null) && row.shiftDate === (shift?.date ?? null)) {
        return row;
      }
    }
    const row = emptyRow(headOf(this.#model, this.#rates, shift), cellFrom);
    rows.push(row);
    return row;
  }
}

function headOf({ machine }: MachineModel, { product, taktUs }: Rates, shift: Shift | null): RowHead {
  const { id, costPerHour } = machine;
  return { machine: id, product, shift: shift?.name ?? null, shiftDate: shift?.date ?? null, taktUs, costPerHour };
}
