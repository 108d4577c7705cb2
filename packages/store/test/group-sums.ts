/** What groups of machines come to by two ways: added up from sums by machine, and as the store has them of groups. Both as maps of whole numbers that can be compared. */
import {
  COMPONENT_NAMES,
  type ComponentName,
  PLANNED_COMPONENT_NAMES,
  type RowBatch,
  TIME_COMPONENT_NAMES,
} from "@oee/model";
import type { GroupSums, GroupSumsQuery, RateTimes, Store, SummedRows } from "../src/index.ts";

type Totals = Map<string, bigint>;

interface GroupTotals {
  /** By group, period, decimals and component. */
  readonly components: Totals;
  /** By group, period, kind of rate and rate. */
  readonly rates: Totals;
  /** By machine and period: the minutes that rows cover, and the time that they have. */
  readonly covered: ReadonlyMap<string, readonly number[]>;
}

/** Both ways, of one question. */
export async function groupsBothWays(
  store: Store,
  query: GroupSumsQuery,
): Promise<{ readonly together: GroupTotals; readonly byMachine: GroupTotals }> {
  const { groups, ...rest } = query;
  const sums = await store.sums({ ...rest, machines: groups.flat(), by: ["machine"] });
  return { together: ofGroups(await store.groupSums(query), query), byMachine: ofMachines(sums, query) };
}

function add(totals: Totals, key: readonly unknown[], value: number): void {
  const name = JSON.stringify(key);
  totals.set(name, (totals.get(name) ?? 0n) + BigInt(value));
}

function addComponents(totals: Totals, group: number, rows: RowBatch, row: number): void {
  const one = rows.rowAt(row);
  for (const name of COMPONENT_NAMES) add(totals, [group, one.from, one.decimals, name], one[name]);
}

function ofGroups({ rows, groups, covered }: GroupSums, { periods }: GroupSumsQuery): GroupTotals {
  const [components, rates]: [Totals, Totals] = [new Map(), new Map()];
  for (const [group, found] of groups.entries()) {
    for (const period of found) {
      for (const row of period.rows) addComponents(components, group, rows, row);
      const addAll = (kind: string, { rates: of, times }: RateTimes): void =>
        of.forEach((rate, i) => add(rates, [group, period.from, kind, rate], times[i] ?? 0));
      addAll("takt", period.planned);
      addAll("cost", period.unplanned);
      addAll("failure", period.failure);
    }
  }
  const cover = new Map<string, readonly number[]>();
  for (const [machine, { first, last, elapsedMs }] of covered) {
    for (const [place, { from }] of periods.entries()) {
      const found = [first, last, elapsedMs].map((times) => times.at(place) ?? Infinity);
      if (found[0] !== Infinity) cover.set(JSON.stringify([machine, from]), found);
    }
  }
  return { components, rates, covered: cover };
}

function ofMachines({ rows, coveredFrom, coveredTo }: SummedRows, { groups }: GroupSumsQuery): GroupTotals {
  const groupOf = new Map(groups.flatMap((machines, group) => machines.map((machine) => [machine, group] as const)));
  const [components, rates]: [Totals, Totals] = [new Map(), new Map()];
  const covered = new Map<string, readonly number[]>();
  for (let row = 0; row < rows.length; row++) {
    const one = rows.rowAt(row);
    const group = groupOf.get(one.machine) ?? -1;
    const sum = (names: readonly ComponentName[]): number => names.reduce((total, name) => total + one[name], 0);
    addComponents(components, group, rows, row);
    const elapsed = sum(TIME_COMPONENT_NAMES);
    if (one.taktUs !== null && elapsed > 0) {
      add(rates, [group, one.from, "takt", one.taktUs], sum(PLANNED_COMPONENT_NAMES));
    }
    if (one.costPerHour !== null) {
      add(rates, [group, one.from, "cost", one.costPerHour], one.unplannedStopTime);
      if (one.failureTime !== 0) add(rates, [group, one.from, "failure", one.costPerHour], one.failureTime);
    }
    const key = JSON.stringify([one.machine, one.from]);
    const [first = Infinity, last = -Infinity, time = 0] = covered.get(key) ?? [];
    const [begin, end] = [coveredFrom[row] ?? Infinity, coveredTo[row] ?? -Infinity];
    covered.set(key, [Math.min(first, begin), Math.max(last, end), time + elapsed]);
  }
  return { components, rates, covered };
}
