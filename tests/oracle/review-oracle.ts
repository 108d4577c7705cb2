/**
 * A second, naive implementation of rules of the review (packages/review/SPEC.md): it computes in fractions instead of floating
 * point, and minute by minute instead of by spans. It is slow, and shares no code with packages/review.
 */

/** A fraction of whole numbers; the denominator is above 0. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Fraction = { n: 0n, d: 1n };
const HALF: Fraction = { n: 1n, d: 2n };
const ONE: Fraction = { n: 1n, d: 1n };

export function of(n: number, d = 1): Fraction {
  return { n: BigInt(n), d: BigInt(d) };
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return reduced(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function times(a: Fraction, b: Fraction): Fraction {
  return reduced(a.n * b.n, a.d * b.d);
}

export function minus(a: Fraction, b: Fraction): Fraction {
  return plus(a, { n: -b.n, d: b.d });
}

export function toNumber({ n, d }: Fraction): number {
  const digits = 10n ** 18n;
  return Number((n * digits) / d) / 1e18;
}

function reduced(n: bigint, d: bigint): Fraction {
  let [a, b] = [n < 0n ? -n : n, d];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? ZERO : { n: n / a, d: d / a };
}

/** One cell (machine and product) in one period: planned time, its eight losses and good ideal time, in whole milliseconds. */
export interface OracleCell {
  readonly planned: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly idealGood: number;
}

/** The cells of a period by machine and product. */
export type OracleCells = Readonly<Record<string, Readonly<Record<string, OracleCell>>>>;

const NOTHING: OracleCell = { planned: 0, losses: {}, idealGood: 0 };

export interface OracleChange {
  readonly bars: Readonly<Record<string, Fraction>>;
  readonly change: Fraction;
}

/** DC-1 to DC-3: the change of OEE between two periods and its bars; `null` if a period has no planned time. */
export function decomposed(cells: readonly [OracleCells, OracleCells], losses: readonly string[]): OracleChange | null {
  const machines = [...new Set(cells.flatMap((side) => Object.keys(side)))];
  const cellIn = (side: 0 | 1, machine: string, product: string): OracleCell =>
    cells[side][machine]?.[product] ?? NOTHING;
  const productsOf = (machine: string): string[] => [
    ...new Set(cells.flatMap((side) => Object.keys(side[machine] ?? {}))),
  ];
  const plannedOf = (side: 0 | 1, machine: string): number =>
    productsOf(machine).reduce((sum, product) => sum + cellIn(side, machine, product).planned, 0);
  const whole = ([0, 1] as const).map((side) => machines.reduce((sum, machine) => sum + plannedOf(side, machine), 0));
  const [before = 0, after = 0] = whole;
  if (before === 0 || after === 0) return null;
  const scopePlanned = (side: 0 | 1): number => (side === 0 ? before : after);

  // In which period shares are taken: where one period has no planned time, in the other.
  const borrowed = (side: 0 | 1, planned: (side: 0 | 1) => number): 0 | 1 =>
    planned(side) === 0 ? (side === 0 ? 1 : 0) : side;
  const S = (side: 0 | 1, machine: string, product: string, loss: string): Fraction => {
    const from = borrowed(side, (at) => cellIn(at, machine, product).planned);
    const { planned, losses: own } = cellIn(from, machine, product);
    return of(own[loss] ?? 0, planned);
  };
  const o = (side: 0 | 1, machine: string, product: string): Fraction =>
    losses.reduce((rest, loss) => minus(rest, S(side, machine, product, loss)), ONE);
  const v = (side: 0 | 1, machine: string, product: string): Fraction => {
    const from = borrowed(side, (at) => plannedOf(at, machine));
    return of(cellIn(from, machine, product).planned, plannedOf(from, machine));
  };
  const w = (side: 0 | 1, machine: string): Fraction => of(plannedOf(side, machine), scopePlanned(side));
  const known = machines.filter((machine) => plannedOf(0, machine) + plannedOf(1, machine) > 0);
  const cellsOf = (machine: string): string[] =>
    productsOf(machine).filter(
      (product) => cellIn(0, machine, product).planned + cellIn(1, machine, product).planned > 0,
    );
  const oMachine = (side: 0 | 1, machine: string): Fraction =>
    cellsOf(machine).reduce(
      (sum, product) => plus(sum, times(v(side, machine, product), o(side, machine, product))),
      ZERO,
    );
  const oScope = (side: 0 | 1): Fraction =>
    known.reduce((sum, machine) => plus(sum, times(w(side, machine), oMachine(side, machine))), ZERO);
  const mean = (value: (side: 0 | 1) => Fraction): Fraction => times(HALF, plus(value(0), value(1)));
  const delta = (value: (side: 0 | 1) => Fraction): Fraction => minus(value(1), value(0));

  const bars: Record<string, Fraction> = {};
  for (const loss of losses) {
    let bar = ZERO;
    for (const machine of known) {
      for (const product of cellsOf(machine)) {
        const weight = times(
          mean((side) => w(side, machine)),
          mean((side) => v(side, machine, product)),
        );
        bar = minus(
          bar,
          times(
            weight,
            delta((side) => S(side, machine, product, loss)),
          ),
        );
      }
    }
    bars[loss] = bar;
  }
  let productMix = ZERO;
  let machineMix = ZERO;
  for (const machine of known) {
    const own = mean((side) => oMachine(side, machine));
    for (const product of cellsOf(machine)) {
      const apart = minus(
        mean((side) => o(side, machine, product)),
        own,
      );
      const moved = times(
        apart,
        delta((side) => v(side, machine, product)),
      );
      productMix = plus(
        productMix,
        times(
          mean((side) => w(side, machine)),
          moved,
        ),
      );
    }
    machineMix = plus(
      machineMix,
      times(
        minus(own, mean(oScope)),
        delta((side) => w(side, machine)),
      ),
    );
  }
  const unplaced = (side: 0 | 1): Fraction => {
    let good = 0;
    for (const machine of machines) {
      for (const product of productsOf(machine)) {
        const cell = cellIn(side, machine, product);
        if (cell.planned === 0) good += cell.idealGood;
      }
    }
    return of(good, scopePlanned(side));
  };
  const oee = (side: 0 | 1): Fraction => {
    let good = 0;
    for (const machine of machines)
      for (const product of productsOf(machine)) good += cellIn(side, machine, product).idealGood;
    return of(good, scopePlanned(side));
  };
  return { bars: { ...bars, productMix, machineMix, unplaced: delta(unplaced) }, change: delta(oee) };
}

/** Planned, unknown and good ideal time of one day, in whole milliseconds. */
export interface OracleDay {
  readonly planned: number;
  readonly unknown: number;
  readonly idealGood: number;
}

export interface OracleTarget {
  readonly base: number | null;
  readonly goal: number | null;
  readonly from: number;
  readonly due: number | null;
  readonly over: number;
  readonly path: "linear" | "step";
}

/** TG-3, TG-5: how OEE over the whole days `[from, to)`, cut at the beginning of the day `today`, stands against a target. */
export function standing(
  days: ReadonlyMap<number, OracleDay>,
  target: OracleTarget,
  from: number,
  to: number,
  today: number,
): {
  readonly status: string;
  readonly achieved: number | null;
  readonly expected: number | null;
  /** Whether the path has one value on all dates. */
  readonly isLevel?: boolean;
} {
  const end = Math.min(to, today);
  if (end <= target.from || from >= today) return { status: "not-begun", achieved: null, expected: null };
  let [planned, unknown, good] = [0, 0, 0];
  const path: (number | null)[] = [];
  for (let day = from; day < end; day++) {
    const known = days.get(day);
    planned += known?.planned ?? 0;
    unknown += known?.unknown ?? 0;
    good += known?.idealGood ?? 0;
    path.push(pathOf(target, day));
  }
  const achieved = planned === 0 ? null : good / planned;
  const isKnown = path.every((value) => value !== null);
  const mean = path.reduce((sum: number, value) => sum + (value ?? 0), 0) / path.length;
  // A path that stays the same has that mean to the last digit, which a sum of floats has not.
  const isLevel = path.every((value) => value === path[0]);
  const expected = isKnown ? (isLevel ? (path[0] ?? null) : mean) : null;
  const counts = planned > 0 && planned / (planned + unknown) >= 0.8;
  if (!counts || achieved === null || expected === null || target.goal === null)
    return { status: "no-data", achieved, expected };
  const ahead = achieved - expected;
  if (target.due === null || end >= target.due) {
    return { status: ahead >= 0 ? "met" : "missed", achieved, expected, isLevel };
  }
  const tolerance = Math.abs(target.goal - (target.base ?? 0)) / 10;
  return { status: ahead > tolerance ? "ahead" : ahead < -tolerance ? "behind" : "on-track", achieved, expected };
}

function pathOf({ base, goal, from, due, over, path }: OracleTarget, day: number): number | null {
  if (due === null || goal === null) return goal;
  if (base === null) return null;
  if (path === "step") return day < due - over ? base : goal;
  const share = (day + 0.5 - from) / (due - over - from);
  return base + (goal - base) * (share < 0 ? 0 : share > 1 ? 1 : share);
}

/** A stop of the minutes `[from, to)`; `wordAt` gives the reason of a minute and the number of the correction in force then (TL-8). */
export interface OracleStop {
  readonly machine: string;
  readonly from: number;
  readonly to: number;
  readonly wordAt: (minute: number) => { readonly reason: string | null; readonly correction: number };
  readonly isMinor: boolean;
}

/** PA-1: bars of the Pareto by reason, summed minute by minute; `scheduled` says whether the calendar schedules a minute. */
export function paretoByReason(
  stops: readonly OracleStop[],
  from: number,
  to: number,
  scheduled: (minute: number) => boolean,
): ReadonlyMap<
  string | null,
  { readonly minutes: number; readonly count: number; readonly minor: number; readonly minorCount: number }
> {
  const bars = new Map<string | null, { minutes: number; count: number; minor: number; minorCount: number }>();
  for (const stop of stops) {
    let isFirst = true;
    let before = "";
    for (let minute = stop.from; minute < stop.to; minute++) {
      const { reason, correction } = stop.wordAt(minute);
      if (before !== `${reason} ${correction}`) isFirst = true;
      before = `${reason} ${correction}`;
      if (!scheduled(minute)) continue;
      const counts = isFirst;
      isFirst = false;
      if (minute < from || minute >= to) continue;
      const bar = bars.get(reason) ?? { minutes: 0, count: 0, minor: 0, minorCount: 0 };
      bars.set(reason, bar);
      if (stop.isMinor) [bar.minor, bar.minorCount] = [bar.minor + 1, bar.minorCount + Number(counts)];
      else [bar.minutes, bar.count] = [bar.minutes + 1, bar.count + Number(counts)];
    }
  }
  return bars;
}
