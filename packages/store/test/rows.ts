/** Rows, stops and events for the tests, plain unless told otherwise. */
import type { Row, StopSegment } from "@oee/model";
import { eachComponent } from "../src/component-columns.ts";
import type { ComponentSums, EventRecord, Stamp, SumKey, SumsQuery } from "../src/index.ts";

export const MINUTE = 60_000;
/** 2026-03-02T05:00Z. */
export const START: number = Date.UTC(2026, 2, 2, 5);

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

/** The sums as they follow from the rows, one by one: what the store is compared with. */
export function naiveSums(rows: readonly Row[], query: SumsQuery): Map<string, Record<string, unknown>> {
  const groups = new Map<string, { rows: Row[] }>();
  for (const one of rows) {
    const period = query.periods.find(({ from, to }) => from <= one.from && one.from < to);
    const ids = query.machines;
    if (period === undefined || !("under" in ids ? one.machine.startsWith(`${ids.under}/`) : ids.includes(one.machine)))
      continue;
    const key = keyOf(period.from, query.by, one);
    const group = groups.get(key) ?? { rows: [] };
    group.rows.push(one);
    groups.set(key, group);
  }
  return new Map([...groups].map(([key, group]) => [key, totalsOf(group.rows)]));
}

function plannedOf(one: Row): number {
  return one.runTime + one.minorStopTime + one.unplannedStopTime + one.setupTime + one.plannedStopTime;
}

function totalsOf(rows: readonly Row[]): Record<string, unknown> {
  const rates = new Map<string, [bigint, bigint]>();
  for (const one of rows) {
    const rate = `${one.taktUs} ${one.costPerHour}`;
    const [before, lost] = rates.get(rate) ?? [0n, 0n];
    rates.set(rate, [before + BigInt(plannedOf(one)), lost + BigInt(one.unplannedStopTime)]);
  }
  return {
    covered: { from: Math.min(...rows.map((one) => one.from)), to: Math.max(...rows.map((one) => one.from)) + MINUTE },
    components: eachComponent((name) => rows.reduce((sum, one) => sum + BigInt(one[name]), 0n)),
    rates: Object.fromEntries(rates),
  };
}

export function comparable(
  sums: readonly ComponentSums[],
  by: readonly SumKey[],
): Map<string, Record<string, unknown>> {
  return new Map(
    sums.map((one) => [
      keyOf(one.period.from, by, one),
      {
        covered: one.covered,
        components: one.components,
        rates: Object.fromEntries(
          one.rates.map((rate) => [`${rate.taktUs} ${rate.costPerHour}`, [rate.planned, rate.unplanned]] as const),
        ),
      },
    ]),
  );
}

function keyOf(
  from: number,
  by: readonly SumKey[],
  one: { machine: string | null; product: string | null; shift: string | null; shiftDate: string | null },
): string {
  const part = (key: SumKey): unknown => (key === "shift" ? [one.shift, one.shiftDate] : one[key]);
  return JSON.stringify([from, ...by.map(part)]);
}
