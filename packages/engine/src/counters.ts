/**
 * Running totals as a state machine (CN-2, CN-7, CN-8): per quantity the total that differences count from, its base, and
 * the newest total that is doubted. The state is a short list of numbers, so that noting it costs a copy.
 */
import { PRODUCED_QUANTITY, type Quantity } from "@oee/columns";
import { type Machine, POWERS_OF_TEN } from "@oee/model";

/** The state of all quantities; structured-clonable. Never changed once it is handed out. Checkpoints may hold it as a `Float64Array`. */
export type CounterState = ArrayLike<number>;

/** Numbers of one quantity in the state. */
const FIELDS = 7;
/** 0: no total came yet. 1: there is a base. `DOUBTING`: a total is doubted besides. */
const STAGE = 0;
const BASE = 1;
const BASE_AT = 2;
const DOUBTED = 3;
const DOUBTED_AT = 4;
/** Good and rework that totals brought since the base, and since the doubted one, in pieces; of produced alone. */
const BROUGHT = 5;
const BROUGHT_SINCE_DOUBTED = 6;

const QUANTITIES = 4;
/** `STAGE` of a quantity of which a total is doubted, and may yet be found true. */
const DOUBTING = 2;
/** How many totals are doubted and were not found true. */
const DOUBTS = QUANTITIES * FIELDS;
const PRODUCED = PRODUCED_QUANTITY * FIELDS;

/** As V8 keeps doubles, for instants come into it; whole numbers alone would be kept otherwise, and copied at the first instant. */
const ZEROS: readonly number[] = Array.from({ length: DOUBTS + 1 }, () => 0.5).fill(0);

/** Before the first total. */
export const NO_TOTALS: CounterState = ZEROS;

function copyOf(state: CounterState): number[] {
  const copy = ZEROS.slice();
  for (let i = 0; i <= DOUBTS; i++) copy[i] = state[i] as number;
  return copy;
}

/** How many totals were doubted and not found true until now. */
export function doubtsOf(state: CounterState): number {
  return state[DOUBTS] as number;
}

/** The state with each quantity changed. */
export function changedCounters(state: CounterState, change: (units: number) => number): CounterState {
  const changed = copyOf(state);
  for (let q = 0; q < DOUBTS; q += FIELDS) {
    for (const field of [BASE, DOUBTED, BROUGHT, BROUGHT_SINCE_DOUBTED]) {
      changed[q + field] = change(state[q + field] as number);
    }
  }
  return changed;
}

/** A total that was doubted (CN-8): it counts nothing, unless a later one showed that it was true. */
export interface Doubt {
  /** Epoch ms. */
  readonly at: number;
  readonly quantity: Quantity;
  /** The instant of the total of its quantity that settled whether it was true (epoch ms); `Infinity`: none has yet. */
  settledAt: number;
  isTrue: boolean;
}

export const NO_DOUBTS: readonly Doubt[] = [];

/** The totals that are doubted in a state and may yet be found true, at most one of each quantity. */
export function unsettledDoubts(state: CounterState): Doubt[] {
  const doubts: Doubt[] = [];
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const q = quantity * FIELDS;
    if (state[q + STAGE] !== DOUBTING) continue;
    const at = state[q + DOUBTED_AT] as number;
    doubts.push({ at, quantity: quantity as Quantity, settledAt: Infinity, isTrue: false });
  }
  return doubts;
}

export class Counters {
  readonly #rolloverAt: number | null;
  readonly #maxRateMillionths: number | null;
  readonly #decimals: number;
  readonly #state: number[];
  /** Those unsettled in the state that it began with, and all since. */
  readonly #doubts: Doubt[] | null;
  /** What was handed out last, as long as nothing has changed since. */
  #noted: CounterState | null;

  constructor(machine: Machine, from: CounterState) {
    this.#rolloverAt = machine.rolloverAt;
    this.#maxRateMillionths = machine.maxRateMillionths;
    this.#decimals = machine.decimals;
    this.#state = copyOf(from);
    this.#noted = from;
    this.#doubts = machine.maxRateMillionths === null ? null : unsettledDoubts(from);
  }

  /** All totals that were doubted, and those that were unsettled in the state that it began with. */
  get doubts(): readonly Doubt[] {
    return this.#doubts ?? NO_DOUBTS;
  }

  /** The state as it is now. */
  note(): CounterState {
    return (this.#noted ??= this.#state.slice());
  }

  /** Takes the next total of a quantity; what it counts, as the counter shows it, or `null` where it counts nothing. */
  take(quantity: Quantity, at: number, total: number): number | null {
    this.#noted = null;
    const state = this.#state;
    const q = quantity * FIELDS;
    const stage = state[q + STAGE] as number;
    if (stage === 0) {
      this.#setBase(q, at, total);
      return null;
    }
    const maxRateMillionths = this.#maxRateMillionths;
    const base = state[q + BASE] as number;
    let counted: number | null = difference(base, total, this.#rolloverAt);
    if (maxRateMillionths === null) {
      this.#setBase(q, at, total);
      return counted;
    }
    const since = at - (state[q + BASE_AT] as number);
    if (!isWithin(counted, since, maxRateMillionths, this.#decimals)) {
      // A fall that is too much for a rollover may be a reset.
      counted = total < base && isWithin(total, since, maxRateMillionths, this.#decimals) ? total : null;
    }
    if (counted !== null) {
      if (stage === DOUBTING) this.#settle(quantity, at, false);
      this.#setBase(q, at, total);
      return counted;
    }
    const doubted = state[q + DOUBTED] as number;
    if (stage === DOUBTING && total >= doubted) {
      const sinceDoubted = at - (state[q + DOUBTED_AT] as number);
      if (isWithin(total - doubted, sinceDoubted, maxRateMillionths, this.#decimals)) {
        // The doubted one was true: a counter was replaced.
        state[q + BROUGHT] = state[q + BROUGHT_SINCE_DOUBTED] as number;
        state[DOUBTS] = (state[DOUBTS] as number) - 1;
        this.#settle(quantity, at, true);
        this.#setBase(q, at, total);
        return total - doubted;
      }
    }
    if (stage === DOUBTING) this.#settle(quantity, at, false);
    this.#doubts?.push({ at, quantity, settledAt: Infinity, isTrue: false });
    state[q + STAGE] = DOUBTING;
    state[q + DOUBTED] = total;
    state[q + DOUBTED_AT] = at;
    state[q + BROUGHT_SINCE_DOUBTED] = 0;
    state[DOUBTS] = (state[DOUBTS] as number) + 1;
    return null;
  }

  /** Notes what a total brought as good or rework, in pieces: it is not scrap of what was produced (CN-7). */
  bring(pieces: number): void {
    const state = this.#state;
    if (state[PRODUCED + STAGE] === 0) return;
    this.#noted = null;
    state[PRODUCED + BROUGHT] = (state[PRODUCED + BROUGHT] as number) + pieces;
    state[PRODUCED + BROUGHT_SINCE_DOUBTED] = (state[PRODUCED + BROUGHT_SINCE_DOUBTED] as number) + pieces;
  }

  /**
   * Takes the next total of what was produced, when all other totals up to its instant are taken; what it counts, in
   * pieces, less what was good or rework: scrap. `null`: it counts nothing.
   */
  takeProduced(at: number, total: number, piecesPerCount: number): number | null {
    const counted = this.take(PRODUCED_QUANTITY, at, total);
    if (counted === null) return null;
    const scrap = counted * piecesPerCount - (this.#state[PRODUCED + BROUGHT] as number);
    this.#state[PRODUCED + BROUGHT] = 0;
    return scrap;
  }

  #settle(quantity: Quantity, at: number, isTrue: boolean): void {
    const doubt = this.#doubts?.findLast((one) => one.quantity === quantity);
    if (doubt !== undefined) Object.assign(doubt, { settledAt: at, isTrue });
  }

  #setBase(q: number, at: number, total: number): void {
    const state = this.#state;
    state[q + STAGE] = 1;
    state[q + BASE] = total;
    state[q + BASE_AT] = at;
  }
}

/** CN-2: what came in between two totals. */
export function difference(before: number, total: number, rolloverAt: number | null): number {
  if (total >= before) return total - before;
  return rolledOver(before, total, rolloverAt) ?? total;
}

/** What a total that fell counts where the counter went on from 0; `null`: it was reset. */
export function rolledOver(before: number, total: number, rolloverAt: number | null): number | null {
  if (rolloverAt === null) return null;
  // In this order, for the sum of the first two may be none that a double holds.
  const rolled = rolloverAt - before + total;
  return rolled >= 0 && 2 * rolled < rolloverAt ? rolled : null;
}

const HOUR_MS = 3_600_000;
const MILLION = 1_000_000;

/** Whether a quantity in smallest units is at most what the highest rate allows in a time (ms), and one unit. */
function isWithin(units: number, ms: number, maxRateMillionths: number, decimals: number): boolean {
  const unit = POWERS_OF_TEN[decimals] as number;
  // Both sides in millionths of a smallest unit × ms an hour.
  const counted = (units - unit) * MILLION * HOUR_MS;
  const allowed = maxRateMillionths * ms * unit;
  // Far apart, doubles are sure; where they are not, whole numbers are.
  if (Math.abs(counted - allowed) > 1e-9 * Math.max(Math.abs(counted), allowed)) return counted <= allowed;
  return (
    (BigInt(units) - BigInt(unit)) * BigInt(MILLION) * BigInt(HOUR_MS) <=
    BigInt(maxRateMillionths) * BigInt(ms) * BigInt(unit)
  );
}
