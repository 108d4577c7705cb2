/** How long tables keep their rows, on a real ClickHouse: older rows are deleted, younger ones stay. */
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { historyStart } from "./event-queries.ts";
import { migrate } from "./migrate.ts";
import { applyRetention, eventsExpireBefore } from "./retention.ts";
import type { Transport } from "./transport.ts";

const DAY_MS = 24 * 3_600_000;
const TABLES = ["events", "kpi_minutes", "stops"] as const;

describe("retention", () => {
  let folder: string;
  let transport: Transport;
  beforeEach(async () => {
    folder = await temporaryFolder();
    transport = await connectEmbedded({ path: folder });
    await migrate(transport, null);
  });
  afterEach(async () => {
    await transport.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ago = (days: number): string => `now() - INTERVAL ${days} DAY`;
  /** Inserts into each table a row of so many days ago. */
  const insert = async (days: number): Promise<void> => {
    const from = `toDateTime64(${ago(days)}, 3)`;
    await transport.command(
      `INSERT INTO oee.events (machine, type, at, topic, offset) SELECT 'm', 'state', ${from}, 'oee.events', ${days}`,
    );
    await transport.command(
      `INSERT INTO oee.kpi_minutes (machine, minute, run_time_ms, version) SELECT 'm', toStartOfMinute(${ago(days)}), 60000, 1`,
    );
    // The age of a stop is that of its end: this one began 100 days before it.
    await transport.command(
      `INSERT INTO oee.stops (machine, from_time, to_time, version) SELECT 'm', ${from} - INTERVAL 100 DAY, ${from}, 1`,
    );
  };
  const ages = async (): Promise<Record<string, number[]>> => {
    const found: Record<string, number[]> = {};
    for (const [table, time] of Object.entries({ events: "at", kpi_minutes: "minute", stops: "to_time" })) {
      await transport.command(`OPTIMIZE TABLE oee.${table} FINAL`);
      const rows = await transport.rows<{ days: string }>(
        `SELECT dateDiff('day', ${time}, now()) AS days FROM oee.${table} FINAL ORDER BY days`,
      );
      found[table] = rows.map(({ days }) => Number(days));
    }
    return found;
  };
  const changes = async (): Promise<number> => {
    const [row] = await transport.rows<{ n: string }>("SELECT count() AS n FROM system.mutations");
    return Number(row?.n);
  };

  test("each table keeps its rows for the days of its setting, and for ever without one", async () => {
    for (const days of [10, 40, 400]) await insert(days);
    await applyRetention(transport, null, { events: 30, kpi_minutes: 300 });
    for (const days of [11, 41, 401]) await insert(days);
    const rows = await ages();
    expect(rows).toEqual({ events: [10, 11], kpi_minutes: [10, 11, 40, 41], stops: [10, 11, 40, 41, 400, 401] });
    await applyRetention(transport, null, { stops: 30 });
    expect((await ages())["stops"]).toEqual([10, 11]);
  });

  test("DI-1: job events are never deleted, since a job may still be in force when other events of its time are deleted", async () => {
    for (const type of ["job", "state"]) {
      await transport.command(
        `INSERT INTO oee.events (machine, type, at, topic, offset) SELECT 'm', '${type}', ${ago(400)}, 'oee.events', 1`,
      );
    }
    await applyRetention(transport, null, { events: 30 });
    await insert(10);
    await transport.command("OPTIMIZE TABLE oee.events FINAL");
    const rows = await transport.rows<{ type: string }>("SELECT type FROM oee.events FINAL ORDER BY at");
    expect(rows.map(({ type }) => type)).toEqual(["job", "state"]);
  });

  test("an unchanged setting runs no statement again; `null` removes a retention", async () => {
    await applyRetention(transport, null, { events: 30, kpi_minutes: 30, stops: 30 });
    const before = await changes();
    await applyRetention(transport, null, { events: 30, kpi_minutes: 30, stops: 30 });
    expect(await changes()).toBe(before);
    await applyRetention(transport, null, { events: null, kpi_minutes: null, stops: null });
    await applyRetention(transport, null, { events: null });
    await insert(400);
    expect(await ages()).toEqual({ events: [400], kpi_minutes: [400], stops: [400] });
  });

  test.each([0, 0.5, -3, 36_501, Number.NaN])("%s days are refused, and nothing is changed", async (days) => {
    for (const table of TABLES) {
      await expect(applyRetention(transport, null, { [table]: days })).rejects.toMatchObject({
        code: "OEE_STORE_INVALID",
        message: `retention of ${table} is ${days}; 1 to 36500 whole days are expected`,
      });
    }
    await insert(400);
    expect((await ages())["events"]).toEqual([400]);
  });

  test("DI-1: the instant from which on all raw events are stored is read from the table's TTL, also one that was set by hand", async () => {
    expect(await eventsExpireBefore(transport)).toBeNull();
    expect(await historyStart(transport, "m", [])).toEqual({
      ...{ row: null, event: null, expiresBefore: null, keptFrom: null },
    });
    await insert(20);
    await applyRetention(transport, null, { events: 30 });
    const { row, event, expiresBefore } = await historyStart(transport, "m", []);
    const now = Date.now();
    expect(Math.abs((event ?? 0) - (now - 20 * DAY_MS))).toBeLessThan(DAY_MS);
    expect(row).toBeLessThanOrEqual(event ?? 0);
    expect(Math.abs((expiresBefore ?? 0) - (now - 30 * DAY_MS))).toBeLessThan(DAY_MS);
    await transport.command("ALTER TABLE oee.events MODIFY TTL at + INTERVAL 4 WEEK");
    expect(Math.abs(((await eventsExpireBefore(transport)) ?? 0) - (now - 28 * DAY_MS))).toBeLessThan(DAY_MS);
    await transport.command("ALTER TABLE oee.events MODIFY TTL toDateTime(received_at) + INTERVAL 4 WEEK");
    await expect(eventsExpireBefore(transport)).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
  });

  test("DI-1: that raw events are gone is known by the rows that need them, whatever the retention is now", async () => {
    await insert(20);
    const { keptFrom } = await historyStart(transport, "m", []);
    expect(keptFrom).toBeNull();
    await insert(40);
    await applyRetention(transport, null, { events: 30 });
    await applyRetention(transport, null, { events: null });
    // A job stays, and says nothing of states and counts.
    await transport.command(
      `INSERT INTO oee.events (machine, type, at, topic, offset) SELECT 'm', 'job', toDateTime64(${ago(50)}, 3), 'oee.events', 0`,
    );
    const cut = await historyStart(transport, "m", []);
    expect(Math.abs((cut.keptFrom ?? 0) - (Date.now() - 20 * DAY_MS))).toBeLessThan(DAY_MS);
    const [from, to] = [Date.now() - 41 * DAY_MS, Date.now() - 39 * DAY_MS];
    expect(await historyStart(transport, "m", [{ from, to }])).toMatchObject({ expiresBefore: null, keptFrom: null });
    await transport.command("TRUNCATE TABLE oee.events");
    expect(await historyStart(transport, "m", [])).toMatchObject({ keptFrom: Infinity });
  });
});
