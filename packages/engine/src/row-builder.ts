/**
 * Fills rows: puts each span of time and each quantity into the row of its cell, product and shift (CO-1, CA-5).
 * Rows that were there before are replaced by changed copies, never changed in place.
 */
import type { CalendarSpan } from "@oee/calendar";
import {
  type Cells,
  CODE_BITS,
  type CountSlice,
  type Quantity,
  QUANTITY,
  type RowTable,
  STARTUP,
  TOTAL,
} from "@oee/columns";
import { type Category, type JobEvent, PLACE, type RowHead, WIDTH } from "@oee/model";
import { idealUsOf } from "./ideal-time.ts";
import { type MachineModel, type Rates, RatesAt } from "./machine-model.ts";

/** Puts the rows that a cell had before into the table, as copies. */
export type EarlierRows = (cell: number, into: RowTable) => void;

const {
  runTime,
  minorStopTime,
  unplannedStopTime,
  setupTime,
  plannedStopTime,
  notPlannedTime,
  unknownTime,
  failureTime,
  goodCount,
  scrapCount,
  reworkCount,
  idealTimeUs,
  idealGoodTimeUs,
  startupLossTimeUs,
} = PLACE;

/** What may come in between two totals: thousands of such steps sum up exactly, and no machine takes one. */
const STEP_MAX = 1_000_000_000_000;
/** By `Quantity`: the place that it is added to. A total of what was produced is added as the scrap that follows from it (CN-7). */
const COUNTS = [goodCount, scrapCount, reworkCount, scrapCount] as const;

export class RowBuilder {
  readonly #model: MachineModel;
  readonly #jobs: readonly JobEvent[];
  readonly #cells: Cells;
  readonly #table: RowTable;
  readonly #earlier: EarlierRows | null;
  /** Rows made for instants outside of this do not exist. */
  readonly #from: number;
  readonly #to: number;

  // The piece of time at hand: one cell, one job, one span of the calendar.
  #pieceFrom = Infinity;
  #pieceTo = -Infinity;
  /** Where the numbers of its row begin. */
  #row = 0;
  #span: CalendarSpan | null = null;
  #scheduled = false;
  readonly #ratesAt: RatesAt;
  #rates: Rates;
  #head: RowHead | null = null;
  /** The rates of the product that a count of this piece named last (CN-9), and where the numbers of its row begin. */
  #namedRates: Rates | null = null;
  #namedRow = 0;

  /**
   * The newest instant of a quantity that counts nothing, because it is too large a step between two totals, or its row
   * would hold more than a double holds exactly; `null`: there is none. What counts may say keeps far below it.
   */
  tooLargeAt: number | null = null;

  /**
   * `jobs` is sorted by instant; only rows of `[from, to)` are made, into `table`, which is emptied first. A cell
   * starts from what `earlier` puts there.
   */
  constructor(
    model: MachineModel,
    jobs: readonly JobEvent[],
    cells: Cells,
    table: RowTable,
    from: number,
    to: number,
    earlier: EarlierRows | null = null,
  ) {
    this.#model = model;
    this.#jobs = jobs;
    this.#cells = cells;
    this.#table = table;
    this.#from = from;
    this.#to = to;
    this.#earlier = earlier;
    this.#ratesAt = new RatesAt(model, jobs);
    this.#rates = this.#ratesAt.at(-Infinity);
    table.clear();
  }

  /** Adds a span that is not part of a stop, by its category and the calendar (CA-4). */
  addTime(from: number, to: number, category: Category): void {
    const unscheduled =
      category === "production" && this.#model.machine.overtime === "count" ? runTime : notPlannedTime;
    const scheduled = placeOf(category);
    const end = to < this.#to ? to : this.#to;
    for (let at = from > this.#from ? from : this.#from; at < end; ) {
      this.#seek(at);
      const pieceEnd = end < this.#pieceTo ? end : this.#pieceTo;
      this.#add(this.#scheduled ? scheduled : unscheduled, pieceEnd - at);
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
      if (!span.scheduled) this.#add(notPlannedTime, duration);
      else if (unplanned) {
        this.#add(unplannedStopTime, duration);
        if (failure) this.#add(failureTime, duration);
      } else this.#add(minorStopTime, duration);
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
    this.#add(PLACE[component], amount);
  }

  /** The rates of a count that may name a product (CN-9), asked for mostly in order of time. */
  ratesOf(at: number, product: string | null): Rates {
    return this.#ratesAt.of(at, product);
  }

  /** Adds what a count brought, in pieces (CN-6), at the rates that `ratesOf` gives for it. */
  addCount(at: number, quantity: Quantity, pieces: number, startup: boolean, rates: Rates): void {
    if (pieces === 0 || at < this.#from || at >= this.#to) return;
    this.#seek(at);
    if (!this.#counts) return;
    if (Math.abs(pieces) > STEP_MAX) {
      this.#noteTooLarge(at);
      return;
    }
    const row = rates === this.#rates ? this.#row : this.#rowOfNamed(at, rates);
    this.#addQuantity(row, at, quantity, pieces, startup, rates);
  }

  /** Where the numbers of the row of another product than the job's begin. */
  #rowOfNamed(at: number, rates: Rates): number {
    if (rates !== this.#namedRates) {
      const cell = this.#cells.indexOf(at);
      const head = this.#model.headOf(rates, this.#span === null ? null : this.#span.shift);
      this.#namedRow = this.#rowOf(cell, Math.max(this.#cells.startOf(cell), this.#from), head) * WIDTH;
      this.#namedRates = rates;
    }
    return this.#namedRow;
  }

  /** Adds the deltas of a slice from `first` on up to the next total (CN-1); answers where that is, or the slice's end. */
  addDeltas(slice: CountSlice, first: number): number {
    // Where counts name products, or are rounded one by one (CN-5), each is added by itself.
    const isNamed = slice.product !== null || slice.names !== null;
    if (isNamed || this.#model.machine.decimals > 0) return this.#addEach(slice, first);
    const { base, entries, values, end } = slice;
    let i = first;
    while (i < end) {
      const next = entries[i] as number;
      if ((next & TOTAL) !== 0) return i;
      const at = base + (next >> CODE_BITS);
      if (at >= this.#to) return end;
      if (at < this.#from) {
        i++;
        continue;
      }
      this.#seek(at);
      // All of one piece and kind at once.
      const until = Math.min(this.#pieceTo, this.#to) - base;
      const kind = next & (QUANTITY | STARTUP);
      let sum = 0;
      for (; i < end; i++) {
        const entry = entries[i] as number;
        if (entry >> CODE_BITS >= until || (entry & (QUANTITY | STARTUP | TOTAL)) !== kind) break;
        sum += values[i] as number;
      }
      if (!this.#counts) continue;
      const rates = this.#rates;
      const pieces = sum * rates.piecesPerCount;
      this.#addQuantity(this.#row, at, (kind & QUANTITY) as Quantity, pieces, (kind & STARTUP) !== 0, rates);
    }
    return i;
  }

  #addEach({ base, entries, values, product, names, end }: CountSlice, first: number): number {
    for (let i = first; i < end; i++) {
      const entry = entries[i] as number;
      if ((entry & TOTAL) !== 0) return i;
      const at = base + (entry >> CODE_BITS);
      const rates = this.#ratesAt.of(at, names === null ? product : (names[i] as string | null));
      const pieces = (values[i] as number) * rates.piecesPerCount;
      this.addCount(at, (entry & QUANTITY) as Quantity, pieces, (entry & STARTUP) !== 0, rates);
    }
    return end;
  }

  /** `row`: where the numbers of its row begin. */
  #addQuantity(row: number, at: number, quantity: Quantity, value: number, startup: boolean, rates: Rates): void {
    const idealUs = idealUsOf(rates.idealCycleUs ?? 0, value, this.#model.machine.decimals);
    const { values } = this.#table.batch;
    const count = row + COUNTS[quantity];
    const ideal = row + idealTimeUs;
    // Where the ideal time of good pieces goes, or of what starting up cost; −1: of other pieces it goes nowhere else.
    const share = quantity === 0 ? row + idealGoodTimeUs : startup ? row + startupLossTimeUs : -1;
    const counts = (values[count] as number) + value;
    const ideals = (values[ideal] as number) + idealUs;
    const shares = share < 0 ? 0 : (values[share] as number) + idealUs;
    if (!(isExact(value) && isExact(idealUs) && isExact(counts) && isExact(ideals) && isExact(shares))) {
      this.#noteTooLarge(at);
      return;
    }
    values[count] = counts;
    values[ideal] = ideals;
    if (share >= 0) values[share] = shares;
  }

  #noteTooLarge(at: number): void {
    this.tooLargeAt = Math.max(at, this.tooLargeAt ?? at);
  }

  /** Whether counts at hand count (CA-4). */
  get #counts(): boolean {
    return this.#scheduled || this.#model.machine.overtime === "count";
  }

  #add(place: number, amount: number): void {
    const { values } = this.#table.batch;
    const i = this.#row + place;
    values[i] = (values[i] as number) + amount;
  }

  #seek(at: number): void {
    if (at >= this.#pieceFrom && at < this.#pieceTo) return;
    const jobs = this.#jobs;
    const rates = this.#ratesAt.at(at);
    const { job } = this.#ratesAt;
    if (rates !== this.#rates) {
      this.#rates = rates;
      this.#head = null;
    }
    const span = this.#model.clock.spanAt(at);
    if (span !== this.#span) {
      if (span.shift !== this.#span?.shift) this.#head = null;
      this.#span = span;
      this.#scheduled = span.scheduled;
    }
    const cell = this.#cells.indexOf(at);
    const start = this.#cells.startOf(cell);
    const end = this.#cells.endOf(cell);
    const jobFrom = job < 0 ? -Infinity : (jobs[job] as JobEvent).at;
    const jobTo = job + 1 < jobs.length ? (jobs[job + 1] as JobEvent).at : Infinity;
    const from = start > this.#from ? start : this.#from;
    this.#namedRates = null;
    this.#pieceFrom = Math.max(from, span.from, jobFrom);
    this.#pieceTo = Math.min(end, span.to, jobTo);
    this.#head ??= this.#model.headOf(this.#rates, span.shift);
    this.#row = this.#rowOf(cell, from, this.#head) * WIDTH;
  }

  #rowOf(cell: number, from: number, head: RowHead): number {
    const table = this.#table;
    let row = table.firstOf(cell);
    if (row < 0 && this.#earlier !== null) {
      this.#earlier(cell, table);
      row = table.firstOf(cell);
    }
    row = table.withKey(row, head);
    return row < 0 ? table.add(cell, from, head) : row;
  }
}

/** Whether a double holds it, and all whole numbers nearer to 0. */
function isExact(amount: number): boolean {
  return amount <= Number.MAX_SAFE_INTEGER && amount >= Number.MIN_SAFE_INTEGER;
}

/** Where scheduled time of a category goes that is no part of a stop. */
function placeOf(category: Category): number {
  switch (category) {
    case "production":
      return runTime;
    case "setup":
      return setupTime;
    case "plannedStop":
      return plannedStopTime;
    case "notPlanned":
      return notPlannedTime;
    case "unplannedStop":
    case "unknown":
      return unknownTime;
  }
}
