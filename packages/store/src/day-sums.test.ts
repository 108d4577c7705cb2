/** Kept sums of whole days (`kpi_days`) equal the sums of their minute rows, in whatever order rows are written, by both ways to ClickHouse. */
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { COMPONENT_NAMES, type Row, RowBatch } from "@oee/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupsBothWays } from "../test/group-sums.ts";
import { exact, MINUTE, naiveSums, row, stamp, START, summed } from "../test/rows.ts";
import { type OpenWay, openWay, temporaryFolder } from "../test/ways.ts";
import { sumComponents } from "./component-sums.ts";
import { type DaySumsPolicy, daySumsThatDiffer, forgetDaySums, summedDays, sumDays } from "./day-sums.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { type Period, type Store, StoreError, type SumsQuery } from "./index.ts";
import { kpiMinuteColumns } from "./kpi-minute-table.ts";
import { migrate } from "./migrate.ts";
import { writeBatches } from "./writer.ts";

/** Settings with which kept sums are used as soon as they are made, however few there are. */
const ALWAYS = { restS: 0, paced: false };
const DAY = 1440 * MINUTE;
const [A, B, NEVER] = ["days/a/l/a", "days/a/l/b", "days/a/l/never"];
/** Days begin at 03:00 UTC. */
const FIRST = Math.floor(START / DAY) * DAY + 3 * 60 * MINUTE;
const DAYS = [0, 1, 2, 3, 4].map((day) => FIRST + day * DAY);
const [FROM, TO] = [FIRST, FIRST + 4 * DAY];

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  let store: Store;
  const kept = new Map<string, Row>();
  let version = 0;
  beforeAll(async () => {
    open = await openWay(way, { daySums: ALWAYS });
    store = open.store;
  });
  afterAll(() => open.close());

  async function write(rows: readonly Row[]): Promise<void> {
    await store.insertRows(rows, stamp(++version));
    for (const one of rows) kept.set(JSON.stringify([one.machine, one.from, one.product]), one);
  }

  /** A row every 97 minutes, with or without the product cola, day by day in turn. */
  function rowsOf(machine: string, from: number, to: number, good: number): Row[] {
    const rows: Row[] = [];
    for (let at = from; at < to; at += 97 * MINUTE) {
      const product = Math.floor(at / DAY) % 2 === 0 ? "cola" : null;
      const fields = {
        product,
        taktUs: product === null ? null : 1_500_000,
        goodCount: good,
        idealTimeUs: good * 1_234_567,
      };
      rows.push(row(machine, (at - START) / MINUTE, fields));
    }
    return rows;
  }

  async function agree(): Promise<void> {
    const whole = [{ from: FROM, to: TO }];
    const parts = [
      { from: FROM - 60 * MINUTE, to: FIRST + DAY + 30 * MINUTE },
      { from: FIRST + DAY + 30 * MINUTE, to: FIRST + 3 * DAY },
      { from: FIRST + 3 * DAY + MINUTE, to: TO },
    ];
    const asked = [
      { machines: [A], periods: whole, by: [] },
      { machines: [A, B, NEVER], periods: parts, by: ["machine", "product"] },
      { machines: [A, B, NEVER], periods: DAYS.slice(1).map((to, i) => ({ from: DAYS[i] ?? 0, to })), by: ["machine"] },
      { machines: [B], periods: parts, by: ["shift"] },
    ] as const;
    for (const { machines, periods, by } of asked) {
      const query: SumsQuery = { machines, periods, by, days: DAYS };
      expect(exact(summed(await store.sums(query)), by)).toEqual(naiveSums([...kept.values()], query));
      const groups = await groupsBothWays(store, { groups: [[A, NEVER], [B]], periods, days: DAYS });
      expect(groups.together).toEqual(groups.byMachine);
    }
  }

  test("P-1: sums by day equal those of the minute rows, before `sumDays` has kept them and after", async () => {
    await write([...rowsOf(A, FROM, TO, 11), ...rowsOf(B, FROM + DAY, TO, 7)]);
    await agree();
    expect(await store.sumDays({ machines: [A, B, NEVER], days: DAYS }, 100)).toBe(0);
    await agree();
  });

  test("P-1: a late, changed or retracted row is in the sums by day at once", async () => {
    const [first = row(B, 0)] = rowsOf(B, FROM + DAY, TO, 7);
    await write([{ ...first, goodCount: 1_000 }, row(A, 5, { product: "late", goodCount: 3 })]);
    await agree();
    await write([{ ...row(A, 5, { product: "late", runTime: 0 }) }]);
    kept.delete(JSON.stringify([A, START + 5 * MINUTE, "late"]));
    await agree();
    const span = { machine: B, from: FROM + DAY, to: FROM + 2 * DAY };
    await store.retractRows(span, stamp(++version));
    for (const [key, one] of kept) if (one.machine === B && one.from < span.to) kept.delete(key);
    await agree();
    await write(rowsOf(NEVER, FROM, TO, 5));
    await agree();
  });

  test("P-4: days with a performance above 1 are counted from kept sums", async () => {
    const periods = DAYS.slice(1).map((to, i) => ({ from: DAYS[i] ?? 0, to }));
    const naive = (machine: string): number =>
      periods.filter(({ from, to }) => {
        const own = [...kept.values()].filter((one) => one.machine === machine && one.from >= from && one.from < to);
        const sum = (name: (typeof COMPONENT_NAMES)[number]): number =>
          own.reduce((total, one) => total + one[name], 0);
        return sum("runTime") > 0 && sum("idealTimeUs") > 1000 * sum("runTime");
      }).length;
    await write(rowsOf(A, FROM, FROM + DAY, 500));
    const expected = [A, B].map((machine) => [machine, naive(machine)] as const).filter(([, days]) => days > 0);
    expect(expected.length).toBeGreaterThan(0);
    expect(await store.periodsAbove1({ machines: [A, B], periods })).toEqual(new Map(expected));
  });

  test("BL-6: plant versions of rows are the same from kept sums as from minute rows, also when one minute is written again", async () => {
    const versionsOf = async (machines: readonly string[], period: Period): Promise<readonly string[]> => {
      const byMinutes = await store.plantVersions({ machines, period });
      // Of a summed day it is not known in which minute a plant file made its first row.
      const byDay = byMinutes.map((one) => ({ ...one, from: Math.floor(one.from / DAY) }));
      const fromSums = await store.plantVersions({ machines, period, days: DAYS });
      expect(fromSums.map((one) => ({ ...one, from: Math.floor(one.from / DAY) }))).toEqual(byDay);
      return byMinutes.map((one) => one.version);
    };
    const day = { from: FIRST + 2 * DAY, to: FIRST + 3 * DAY };
    await write([...rowsOf(A, FROM, TO, 11), ...rowsOf(B, FROM, TO, 11)]);
    expect(await versionsOf([A, B], { from: FROM, to: TO })).toEqual(["plant-1"]);
    const [first = row(B, 0)] = rowsOf(B, day.from, day.to, 11);
    await store.insertRows([first], { version: BigInt(++version), plantVersion: "plant-2" });
    expect(await versionsOf([A, B], { from: FROM, to: TO })).toEqual(["plant-1", "plant-2"]);
    const all = { machines: [A, B], period: { from: FROM, to: TO } };
    expect((await store.plantVersions(all)).map(({ from }) => from)).toEqual([FROM, day.from]);
    expect(await versionsOf([A], day)).toEqual(["plant-1"]);
    expect(await versionsOf([B], day)).toEqual(["plant-1", "plant-2"]);
    expect(await versionsOf([B], { from: day.to, to: TO })).toEqual(["plant-1"]);
    await store.insertRows([first], stamp(++version));
    expect(await versionsOf([A, B], { from: FROM, to: TO })).toEqual(["plant-1"]);
  });
});

test("P-1: a product that a newer sum of a day lacks is not counted, and only days without such a one are told to stand alone", async () => {
  const folder = await temporaryFolder();
  const transport = await connectEmbedded({ path: folder });
  await migrate(transport, null);
  const write = (version: number, ...rows: readonly Row[]): Promise<void> =>
    writeBatches(transport, "kpi_minutes", kpiMinuteColumns(stamp(version)), RowBatch.of(rows));
  const query = { machines: [A, B], days: DAYS };
  const minute = DAY / MINUTE;
  await write(
    1,
    row(A, 0, { goodCount: 5, product: "cola" }),
    row(A, minute, { goodCount: 6, product: "cola" }),
    row(B, minute, { goodCount: 7 }),
  );
  expect(await sumDays(transport, query, 100, ALWAYS)).toBe(8);
  const aloneDays = async (): Promise<readonly boolean[]> =>
    (await summedDays(transport, query, ALWAYS)).map(({ alone }) => alone);
  const good = async (policy: DaySumsPolicy): Promise<number> => {
    const periods = [{ from: FROM, to: TO }];
    const { rows } = await sumComponents(transport, { ...query, periods, by: [] }, new RowBatch(), policy);
    return [...rows].reduce((sum, { goodCount }) => sum + goodCount, 0);
  };
  expect(await aloneDays()).toEqual([true, true, true, true]);
  expect(await good(ALWAYS)).toBe(18);
  await write(2, row(A, 0, { runTime: 0, product: "cola" }), row(A, 0, { goodCount: 5, product: "water" }));
  expect(await sumDays(transport, query, 100, ALWAYS)).toBe(1);
  expect(await aloneDays()).toEqual([false, true, true, true]);
  // So long after the last write sums are asked for without looking for newer ones meanwhile.
  const rested = { ...ALWAYS, restS: 2 };
  await pause(3_000);
  expect(await good(rested)).toBe(18);
  // A process of a release that does not count sums.
  await transport.command("ALTER TABLE oee.kpi_days UPDATE sums = 0 WHERE place = 0 SETTINGS mutations_sync = 2");
  expect(await aloneDays()).toEqual([false, false, true, true]);
  expect(await good(rested)).toBe(18);
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});

test("P-1: kept sums of a day that differ from its minute rows are found, and made again after `forgetDaySums`", async () => {
  const folder = await temporaryFolder();
  const transport = await connectEmbedded({ path: folder });
  await migrate(transport, null);
  const rows = RowBatch.of([row(A, 0, { goodCount: 5 }), row(A, 1, { goodCount: 6, product: "cola" })]);
  await writeBatches(transport, "kpi_minutes", kpiMinuteColumns(stamp(1)), rows);
  const query = { machines: [A], days: DAYS };
  // A store that may only be read keeps no sums.
  const readOnly = { ...transport, command: () => Promise.reject(new StoreError("OEE_STORE_REFUSED", "readonly")) };
  expect(await summedDays(readOnly, query, ALWAYS)).toEqual([]);
  expect(await sumDays(transport, query, 100, ALWAYS)).toBe(4);
  expect(await summedDays(readOnly, query, ALWAYS)).toHaveLength(4);
  expect(await daySumsThatDiffer(transport)).toEqual([]);
  await transport.command(
    "INSERT INTO oee.kpi_days SELECT * REPLACE (good_count + 1 AS good_count) FROM oee.kpi_days WHERE product = 'cola'",
  );
  const [found, ...others] = await daySumsThatDiffer(transport);
  expect([found, others]).toMatchObject([{ machine: A, from: "2026-03-02 03:00:00", product: "cola" }, []]);
  const noon = Date.UTC(2026, 2, 2, 12);
  await forgetDaySums(transport, A, { from: noon, to: noon + 1 });
  expect(await daySumsThatDiffer(transport)).toEqual([]);
  // Days begin at 03:00 UTC, so the UTC date lies in two of them; one of these two had sums.
  expect(await sumDays(transport, query, 100, ALWAYS)).toBe(1);
  expect(await daySumsThatDiffer(transport)).toEqual([]);
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});

test("P-1, PE-5: a day of 23 hours that lies within one UTC date is summed again after its minutes were written", async () => {
  const folder = await temporaryFolder();
  const transport = await connectEmbedded({ path: folder });
  await migrate(transport, null);
  const write = (version: number, ...rows: readonly Row[]): Promise<void> =>
    writeBatches(transport, "kpi_minutes", kpiMinuteColumns(stamp(version)), RowBatch.of(rows));
  // As in Chicago where days begin at 18:30, when clocks go forward: three days touch the date of the middle one.
  const date = Math.floor(START / DAY) * DAY;
  const days = [-DAY + 30 * MINUTE, 30 * MINUTE, DAY - 30 * MINUTE, 2 * DAY - 30 * MINUTE].map((at) => date + at);
  const at = (instant: number, good: number): Row => row(A, (instant - START) / MINUTE, { goodCount: good });
  const good = async (): Promise<readonly number[]> => {
    const periods = days.slice(1).map((to, i) => ({ from: days[i] ?? 0, to }));
    const { rows } = await sumComponents(transport, { machines: [A], days, periods, by: [] }, new RowBatch(), ALWAYS);
    return Array.from(rows, ({ goodCount }) => goodCount);
  };
  const noon = date + DAY / 2;
  await write(1, at(date, 1), at(noon, 2), at(date + DAY - MINUTE, 4));
  expect(await sumDays(transport, { machines: [A], days }, 100, ALWAYS)).toBe(3);
  expect(await good()).toEqual([1, 2, 4]);
  await write(2, at(noon, 20));
  expect(await good()).toEqual([1, 20, 4]);
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});
