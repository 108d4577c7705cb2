/** Makes rows, stops and events for tests of the store, plain but for the `fields` that are given, and sums of rows to compare the store with. */
import { eachComponent, type Row, type StopSegment } from "@oee/model";
import type { EventRecord, Period, Stamp, SumKey, SummedRows, SumsQuery } from "../src/index.ts";

export const MINUTE = 60_000;
/** 2026-03-02T05:00Z. */
export const START: number = Date.UTC(2026, 2, 2, 5);
/** The hour that begins then. */
export const HOUR: Period = { from: START, to: START + 60 * MINUTE };

/** A day (ms), and the midnight (UTC) before `START`. */
export const DAY: number = 24 * 60 * MINUTE;
export const MIDNIGHT: number = Math.floor(START / DAY) * DAY;

/** Texts that SQL, TSV, JSON or a wrong encoding would damage. */
export const NASTY: readonly string[] = [
  "",
  "x'; DROP TABLE oee.stops; --",
  "tab\tline\nback\\slash",
  "Flasche 0,6 l – größer 🍾",
  "\\N",
  "{a:String}",
];

export const stamp = (version: number | bigint): Stamp => ({ version: BigInt(version), plantVersion: "plant-1" });

export function row(machine: string, minute: number, fields: Partial<Row> = {}): Row {
  return {
    machine,
    from: START + minute * MINUTE,
    product: null,
    shift: null,
    shiftDate: null,
    taktUs: null,
    costPerHour: null,
    decimals: 0,
    ...eachComponent(() => 0),
    runTime: MINUTE,
    ...fields,
  };
}

export function segment(
  machine: string,
  fromMinute: number,
  minutes: number,
  fields: Partial<StopSegment> = {},
): StopSegment {
  const from = START + fromMinute * MINUTE;
  return {
    machine,
    stop: `${machine}@${from}`,
    from,
    to: from + minutes * MINUTE,
    state: "down",
    reason: null,
    category: "unplannedStop",
    failure: true,
    minor: false,
    duration: minutes * MINUTE,
    scheduledDuration: minutes * MINUTE,
    open: false,
    shift: null,
    shiftDate: null,
    crew: null,
    product: null,
    correctedBy: null,
    ...fields,
  };
}

export function event(machine: string, minute: number, offset: number, fields: Partial<EventRecord> = {}): EventRecord {
  const at = START + minute * MINUTE;
  const base = { machine, type: "state", at, topic: "oee.events", partition: 3, offset, index: 0 } as const;
  const raw = JSON.stringify({ type: "state", machine, at, state: "running" });
  return { ...base, receivedAt: at + 40, id: null, repeat: false, raw, ...fields };
}

/** Sums of rows as whole numbers, by all that keeps sums apart: period, takt, cost, decimals, and the keys that were asked for. */
export type ExactSums = Map<string, { readonly covered: Period; readonly components: Record<string, bigint> }>;

/** The sums that a query has to give, added up row by row. */
export function naiveSums(rows: readonly Row[], query: SumsQuery): ExactSums {
  const counted = rows.flatMap((one): Summed[] => {
    const period = query.periods.find(({ from, to }) => from <= one.from && one.from < to);
    const ids = query.machines;
    const asked = "under" in ids ? one.machine.startsWith(`${ids.under}/`) : ids.includes(one.machine);
    if (period === undefined || !asked) return [];
    return [{ sum: { ...one, from: period.from }, covered: { from: one.from, to: one.from + MINUTE } }];
  });
  return exact(counted, query.by);
}

interface Summed {
  readonly sum: Row;
  readonly covered: Period;
}

/** The store's answer as a list of sums, each with the time that it covers. */
export function summed({ rows, coveredFrom, coveredTo }: SummedRows): Summed[] {
  return [...rows].map((sum, i) => ({ sum, covered: { from: coveredFrom[i] ?? 0, to: coveredTo[i] ?? 0 } }));
}

/** Adds up the rows of each sum: an answer may hold a sum in several rows. */
export function exact(rows: readonly Summed[], by: readonly SumKey[]): ExactSums {
  const groups = new Map<string, Summed[]>();
  for (const one of rows) {
    const { sum } = one;
    const part = (key: SumKey): unknown => (key === "shift" ? [sum.shift, sum.shiftDate] : sum[key]);
    const key = JSON.stringify([sum.from, sum.taktUs, sum.costPerHour, sum.decimals, ...by.map(part)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return new Map(
    [...groups].map(([key, group]) => [
      key,
      {
        covered: {
          from: Math.min(...group.map(({ covered }) => covered.from)),
          to: Math.max(...group.map(({ covered }) => covered.to)),
        },
        components: eachComponent((name) => group.reduce((total, { sum }) => total + BigInt(sum[name]), 0n)),
      },
    ]),
  );
}

/** All rows of an answer that comes in batches. */
export async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

/** Events of a machine at some instants. */
export function heard(machine: string, ...instants: number[]): EventRecord[] {
  return instants.map((at, i) => ({ ...event(machine, 0, i), at }));
}
