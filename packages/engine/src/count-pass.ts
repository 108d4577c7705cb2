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
import { type CounterState, Counters, type Doubt, NO_DOUBTS } from "./counters.ts";
import type { MachineEvents } from "./machine-events.ts";
import { type MachineModel, RatesAt } from "./machine-model.ts";
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

export function countInto(
  rows: RowBuilder,
  model: MachineModel,
  events: MachineEvents,
  query: CountPassQuery,
): CountPass {
  const pass = new Pass(rows, model, events, query);
  for (const slice of events.counts.slices(query.from, query.to)) pass.take(slice);
  return pass.finish();
}

class Pass {
  readonly #rows: RowBuilder;
  readonly #model: MachineModel;
  readonly #events: MachineEvents;
  readonly #noteAt: readonly number[];
  readonly #pulses: PulseSink | null;
  readonly #noted: CounterState[] = [];
  readonly #start: CounterState;
  /** Made with the first total. */
  #counters: Counters | null = null;
  #ratesAt: RatesAt | null = null;
  /** A total of what was produced waits for the other totals of its instant (CN-7); fields, so that none needs an object. */
  #waits = false;
  #waitingAt = 0;
  #waitingTotal = 0;
  #waitingStartup = false;
  #waitingProduct: string | null = null;

  constructor(rows: RowBuilder, model: MachineModel, events: MachineEvents, query: CountPassQuery) {
    this.#rows = rows;
    this.#model = model;
    this.#events = events;
    this.#noteAt = query.noteAt;
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
      const product = names === null ? null : (names[i] as string | null);
      const isTotal = (entry & TOTAL) !== 0;
      if (isTotal) this.#takeTotal(at, entry, values[i] as number, product);
      else this.#takeDelta(at, entry, values[i] as number, product);
      i = each ? i + 1 : rows.addDeltas(slice, i + 1);
    }
  }

  finish(): CountPass {
    this.#settle();
    this.#noteUpTo(Infinity);
    return { noted: this.#noted, end: this.#now(), doubts: this.#counters?.doubts ?? NO_DOUBTS };
  }

  /** One by one where pulses are noted: an instant's counts are one. */
  #takeDelta(at: number, entry: number, value: number, product: string | null): void {
    if (this.#waits && at > this.#waitingAt) this.#settle();
    this.#noteUpTo(at);
    const pieces = value * this.#piecesPerCount(at, product);
    this.#add(at, (entry & QUANTITY) as Quantity, pieces, (entry & STARTUP) !== 0, product);
  }

  #takeTotal(at: number, entry: number, total: number, product: string | null): void {
    if (this.#waits && at > this.#waitingAt) this.#settle();
    this.#noteUpTo(at);
    const quantity = (entry & QUANTITY) as Quantity;
    const startup = (entry & STARTUP) !== 0;
    if (quantity === PRODUCED_QUANTITY) {
      this.#waits = true;
      this.#waitingAt = at;
      this.#waitingTotal = total;
      this.#waitingStartup = startup;
      this.#waitingProduct = product;
      return;
    }
    const counters = (this.#counters ??= new Counters(this.#model.machine, this.#start));
    const counted = counters.take(quantity, at, total);
    if (counted === null) return;
    const pieces = counted * this.#piecesPerCount(at, product);
    if (quantity !== SCRAP_QUANTITY) counters.bring(pieces);
    this.#add(at, quantity, pieces, startup, product);
  }

  #settle(): void {
    if (!this.#waits) return;
    this.#waits = false;
    const at = this.#waitingAt;
    const product = this.#waitingProduct;
    const counters = (this.#counters ??= new Counters(this.#model.machine, this.#start));
    const scrap = counters.takeProduced(at, this.#waitingTotal, this.#piecesPerCount(at, product));
    if (scrap !== null) this.#add(at, SCRAP_QUANTITY, scrap, this.#waitingStartup, product);
  }

  #add(at: number, quantity: Quantity, pieces: number, startup: boolean, product: string | null): void {
    this.#pulses?.add(at, pieces);
    this.#rows.addCount(at, quantity, pieces, startup, product);
  }

  #piecesPerCount(at: number, product: string | null): number {
    return (this.#ratesAt ??= new RatesAt(this.#model, this.#events.jobs)).of(at, product).piecesPerCount;
  }

  #now(): CounterState {
    return this.#counters?.note() ?? this.#start;
  }

  #noteUpTo(at: number): void {
    const places = this.#noteAt;
    while (this.#noted.length < places.length && at >= (places[this.#noted.length] as number)) {
      if (this.#waitingAt < (places[this.#noted.length] as number)) this.#settle();
      this.#noted.push(this.#now());
      this.#pulses?.note();
    }
  }
}
