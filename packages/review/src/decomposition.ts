/**
 * Why OEE changed from one period to another (DC-1 to DC-6). OEE is 1 less the shares of eight losses, so its change is the
 * sum of their changes; a change of the weights of products and machines is valued at the mean of both periods. The bars
 * add up to the change exactly as fractions, and up to rounding in doubles.
 */
import { lossesOf, Sums } from "@oee/answers";
import { HOUR_MS } from "@oee/calendar";
import { BIG_LOSS_NAMES, type BigLossName } from "@oee/model";

/** Sums by machine, then product. Where only a sum is known (DC-6), the scope is the one machine, and the product is `null`. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string | null, Sums>>;

export type Bars = Readonly<Record<BigLossName, number>> & {
  readonly productMix: number | null;
  readonly machineMix: number | null;
};

export interface Change {
  /** OEE before and after. */
  readonly oee: readonly [number, number];
  readonly change: number;
  /** Changes of OEE as shares: 0.01 is one point. A positive bar raised OEE. */
  readonly bars: Bars & { readonly unplaced: number };
  /** The bars times the planned time of the second period, in hours. */
  readonly hours: Bars & { readonly unplaced: number };
  /** The bars of each machine and their sum, `total`. All totals and `unplaced` add up to the change. */
  readonly machines: Readonly<Record<string, Bars & { readonly total: number }>>;
}

interface Cell {
  /** The cell's share of the machine's planned time, before and after. */
  readonly v: Pair;
  /** Each loss as a share of the cell's planned time, before and after. */
  readonly losses: ReadonlyMap<BigLossName, Pair>;
  readonly oee: Pair;
}

type Pair = readonly [number, number];

interface MachineShare {
  readonly w: Pair;
  readonly cells: readonly Cell[];
  readonly oee: Pair;
}

const delta = ([before, after]: Pair): number => after - before;
const mean = ([before, after]: Pair): number => (before + after) / 2;

/** The change of OEE between the cells of a rated scope's machines (EQ-3) in two periods; `null` where one has no planned time. */
export function changeOfOee(before: Cells, after: Cells, mixes = true): Change | null {
  const planned: Pair = [plannedIn(before), plannedIn(after)];
  if (planned[0] === 0 || planned[1] === 0) return null;
  const machines = new Map<string, MachineShare>();
  for (const machine of new Set([...before.keys(), ...after.keys()])) {
    const share = machineShare(before.get(machine) ?? new Map(), after.get(machine) ?? new Map(), planned);
    if (share !== null) machines.set(machine, share);
  }
  const scopeOee = mean(
    [0, 1].map((side) => sum(machines.values(), ({ w, oee }) => w[side as 0 | 1] * oee[side as 0 | 1])) as [
      number,
      number,
    ],
  );
  const unplaced = unplacedIn(after) / planned[1] - unplacedIn(before) / planned[0];
  const bars = zeroBars();
  const byMachine: Record<string, Bars & { total: number }> = {};
  for (const [machine, share] of machines) {
    const own = barsOf(share, scopeOee);
    for (const name of BAR_NAMES) bars[name] += own[name];
    byMachine[machine] = { ...shown(own, mixes), total: sum(BAR_NAMES, (name) => own[name]) };
  }
  const oee: Pair = [oeeOf(before, planned[0]), oeeOf(after, planned[1])];
  const hours = zeroBars();
  for (const name of BAR_NAMES) hours[name] = (bars[name] * planned[1]) / HOUR_MS;
  return {
    oee,
    change: oee[1] - oee[0],
    bars: { ...shown(bars, mixes), unplaced },
    hours: { ...shown(hours, mixes), unplaced: (unplaced * planned[1]) / HOUR_MS },
    machines: mixes ? byMachine : {},
  };
}

/** The sum of the bars of some machines, such as those of a scope below (DC-4). */
export function shareOf(change: Change, machines: readonly { readonly path: string }[]): number {
  return sum(machines, ({ path }) => change.machines[path]?.total ?? 0);
}

type MutableBars = Record<BigLossName | "productMix" | "machineMix", number>;

const BAR_NAMES = [...BIG_LOSS_NAMES, "productMix", "machineMix"] as const;

function zeroBars(): MutableBars {
  return Object.fromEntries(BAR_NAMES.map((name) => [name, 0])) as MutableBars;
}

function shown(bars: MutableBars, mixes: boolean): Bars {
  return mixes ? bars : { ...bars, productMix: null, machineMix: null };
}

/** DC-3: the bars of one machine. */
function barsOf({ w, cells, oee }: MachineShare, scopeOee: number): MutableBars {
  const bars = zeroBars();
  for (const cell of cells) {
    const weight = mean(w) * mean(cell.v);
    for (const name of BIG_LOSS_NAMES) bars[name] -= weight * delta(cell.losses.get(name) as Pair);
    bars.productMix += mean(w) * (mean(cell.oee) - mean(oee)) * delta(cell.v);
  }
  bars.machineMix = (mean(oee) - scopeOee) * delta(w);
  return bars;
}

/** A machine's weight and its cells by product (DC-2); `null` for a machine without planned time in both periods. */
function machineShare(
  before: ReadonlyMap<string | null, Sums>,
  after: ReadonlyMap<string | null, Sums>,
  planned: Pair,
): MachineShare | null {
  const own: Pair = [sum(before.values(), (sums) => sums.planned), sum(after.values(), (sums) => sums.planned)];
  if (own[0] === 0 && own[1] === 0) return null;
  const cells: Cell[] = [];
  for (const product of new Set([...before.keys(), ...after.keys()])) {
    const pair = [before.get(product) ?? new Sums(), after.get(product) ?? new Sums()] as const;
    const times: Pair = [pair[0].planned, pair[1].planned];
    if (times[0] === 0 && times[1] === 0) continue;
    // Where a cell has no planned time in one period, its losses there are taken to be those of the other period. A machine
    // without planned time in one period has the products' shares of the other.
    const sides = borrowed(times, (side) => lossesOf(pair[side].components(), true));
    const losses = new Map<BigLossName, Pair>();
    for (const name of BIG_LOSS_NAMES) losses.set(name, [shareIn(sides[0], name), shareIn(sides[1], name)]);
    const v = borrowed(own, (side) => times[side] / own[side]);
    cells.push({ v, losses, oee: [goodShare(losses, 0), goodShare(losses, 1)] });
  }
  return {
    w: [own[0] / planned[0], own[1] / planned[1]],
    cells,
    oee: [sum(cells, ({ v, oee }) => v[0] * oee[0]), sum(cells, ({ v, oee }) => v[1] * oee[1])],
  };
}

/** The values of both sides; a side whose planned time is 0 takes that of the other. */
function borrowed<T>([before, after]: Pair, of: (side: 0 | 1) => T): readonly [T, T] {
  return [of(before === 0 ? 1 : 0), of(after === 0 ? 0 : 1)];
}

function shareIn(losses: ReturnType<typeof lossesOf>, name: BigLossName): number {
  return losses === null ? 0 : losses[name] / losses.planned;
}

function goodShare(losses: ReadonlyMap<BigLossName, Pair>, side: 0 | 1): number {
  return 1 - sum(losses.values(), (pair) => pair[side]);
}

function plannedIn(cells: Cells): number {
  return sum(cells.values(), (products) => sum(products.values(), ({ planned }) => planned));
}

/** Good production (ms of ideal time) of cells that have counts and no planned time. */
function unplacedIn(cells: Cells): number {
  return sum(cells.values(), (products) =>
    sum(products.values(), (sums) => (sums.planned === 0 ? sums.components().idealGoodTime : 0)),
  );
}

function oeeOf(cells: Cells, planned: number): number {
  const all = new Sums();
  for (const products of cells.values()) for (const sums of products.values()) all.addSums(sums);
  return all.components().idealGoodTime / planned;
}

function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
