/**
 * The sweep's pass over a machine's counts (SPEC.md, section 8): adds deltas, and the differences of totals, to the rows,
 * and notes the state of the counters for each resume. For machines with `pulseGap` it also notes pulses (TL-9).
 */
import {
  CODE_BITS,
  type CountSlice,
  PRODUCED_QUANTITY,
  type Quantity,
  QUANTITY,
  SCRAP_QUANTITY,
  STARTUP,
  TOTAL,
} from "@oee/columns";
import type { Machine } from "@oee/model";
import { type CounterState, Counters, type Doubt, NO_DOUBTS } from "./counters.ts";
import type { SweptEvents } from "./machine-events.ts";
import type { MachineModel, Rates } from "./machine-model.ts";
import type { PulseSink } from "./pulses.ts";
import type { RowBuilder } from "./row-builder.ts";

export interface CountPassQuery {
  /** `[from, to)`, ms. */
  readonly from: number;
  readonly to: number;
  /** How the counters stood just before `from`. */
  readonly counters: CounterState;
  /** Sorted instants to note how they stood just before. */
  readonly noteAt: readonly number[];
  /** Notes pulses; `null`: the machine has no `pulseGap`, so they are not needed. */
  readonly pulses: PulseSink | null;
}

/** How the counters stood just before each instant of `noteAt`, and at the end. */
export interface CountPass {
  readonly noted: readonly CounterState[];
  readonly end: CounterState;
  /** As of `Counters`. */
  readonly doubts: readonly Doubt[];
}

/** Adds the counts and totals of `[from, to)` to `rows`, each at its instant (CN-1 to CN-9). */
export function countInto(
  rows: RowBuilder,
  model: MachineModel,
  events: SweptEvents,
  query: CountPassQuery,
): CountPass {
  const pass = new Pass(rows, model.machine, query);
  for (const slice of events.counts.slices(query.from, query.to)) pass.take(slice);
  return pass.finish();
}

class Pass {
  readonly #rows: RowBuilder;
  readonly #machine: Machine;
  readonly #noteAt: readonly number[];
  readonly #pulses: PulseSink | null;
  readonly #noted: CounterState[] = [];
  readonly #start: CounterState;
  /** Made with the first total. */
  #counters: Counters | null = null;
  /** The instant of `noteAt` that comes next; `Infinity`: none does. */
  #nextNote: number;
  /**
   * A total of what was produced waits for the other totals of its instant (CN-7), and has these rates; `null`: none does.
   * Fields, so that none needs an object.
   */
  #waitingRates: Rates | null = null;
  #waitingAt = 0;
  #waitingTotal = 0;
  #waitingEntry = 0;

  constructor(rows: RowBuilder, machine: Machine, query: CountPassQuery) {
    this.#rows = rows;
    this.#machine = machine;
    this.#noteAt = query.noteAt;
    this.#nextNote = query.noteAt[0] ?? Infinity;
    this.#pulses = query.pulses;
    this.#start = query.counters;
  }

  take(slice: CountSlice): void {
    const { base, entries, values, names, end } = slice;
    const rows = this.#rows;
    const each = this.#pulses !== null;
    for (let i = each ? slice.first : rows.addDeltas(slice, slice.first); i < end; ) {
      const entry = entries[i] as number;
      const at = base + (entry >> CODE_BITS);
      if (this.#waitingRates !== null && at > this.#waitingAt) this.#settle();
      if (at >= this.#nextNote) this.#noteUpTo(at);
      const rates = rows.ratesOf(at, names === null ? slice.product : (names[i] as string | null));
      const isTotal = (entry & TOTAL) !== 0;
      if (isTotal) this.#takeTotal(at, entry, values[i] as number, rates);
      // One by one where pulses are noted: an instant's counts are one.
      else this.#add(at, entry, (values[i] as number) * rates.piecesPerCount, rates);
      i = each ? i + 1 : rows.addDeltas(slice, i + 1);
    }
  }

  finish(): CountPass {
    this.#settle();
    this.#noteUpTo(Infinity);
    return { noted: this.#noted, end: this.#now(), doubts: this.#counters?.doubts ?? NO_DOUBTS };
  }

  #takeTotal(at: number, entry: number, total: number, rates: Rates): void {
    const quantity = (entry & QUANTITY) as Quantity;
    if (quantity === PRODUCED_QUANTITY) {
      this.#waitingRates = rates;
      this.#waitingAt = at;
      this.#waitingTotal = total;
      this.#waitingEntry = entry;
      return;
    }
    const counters = (this.#counters ??= new Counters(this.#machine, this.#start));
    const counted = counters.take(quantity, at, total);
    if (counted === null) return;
    const pieces = counted * rates.piecesPerCount;
    if (quantity !== SCRAP_QUANTITY) counters.bring(pieces);
    this.#add(at, entry, pieces, rates);
  }

  #settle(): void {
    const rates = this.#waitingRates;
    if (rates === null) return;
    this.#waitingRates = null;
    const counters = (this.#counters ??= new Counters(this.#machine, this.#start));
    const scrap = counters.takeProduced(this.#waitingAt, this.#waitingTotal, rates.piecesPerCount);
    // Rows count what comes of a total of what was produced as scrap (CN-7).
    if (scrap !== null) this.#add(this.#waitingAt, this.#waitingEntry, scrap, rates);
  }

  #add(at: number, entry: number, pieces: number, rates: Rates): void {
    this.#pulses?.add(at, pieces);
    this.#rows.addCount(at, (entry & QUANTITY) as Quantity, pieces, (entry & STARTUP) !== 0, rates);
  }

  #now(): CounterState {
    return this.#counters?.note() ?? this.#start;
  }

  #noteUpTo(at: number): void {
    while (this.#noted.length < this.#noteAt.length && at >= this.#nextNote) {
      if (this.#waitingAt < this.#nextNote) this.#settle();
      this.#noted.push(this.#now());
      this.#pulses?.note();
      this.#nextNote = this.#noteAt[this.#noted.length] ?? Infinity;
    }
  }
}
