/** Faults of networks and servers on the way to ClickHouse over HTTP: nothing is lost or stored twice by them. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { event, HOUR, MINUTE, row, segment, stamp, START } from "../test/rows.ts";
import { type Fault, type HttpFront, startHttpFront } from "../test/http-front.ts";
import { temporaryFolder } from "../test/ways.ts";
import { openStore, type Store } from "./index.ts";

const FAULTS: readonly Fault[] = ["refuse", "500", "time-out", "cut-after", "cut-within"];

describe("over HTTP", () => {
  let front: HttpFront;
  let store: Store;
  /** A store that waits for an answer for a short time only, and then asks again until it has one. */
  let hasty: Store;
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    front = await startHttpFront(folder);
    store = await openStore({ url: front.url, retry: { attemptsMax: 3, firstDelayMs: 1, delayMsMax: 2 } });
    hasty = await openStore({
      url: front.url,
      requestTimeoutMs: 2_000,
      retry: { attemptsMax: 50, firstDelayMs: 1, delayMsMax: 2 },
    });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await hasty.close();
    await front.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(FAULTS)("P-5: writes that fail by %s are repeated, and stored once", async (fault) => {
    const machine = `fault/a/l/${fault}`;
    const writer = fault === "time-out" ? hasty : store;
    const before = front.requests();
    front.fail(fault, fault);
    await writer.insertRows([row(machine, 0, { goodCount: 5 })], stamp(1));
    front.fail(fault);
    await writer.insertStops([segment(machine, 0, 3)], stamp(1));
    front.fail(fault);
    await writer.insertEvents([event(machine, 0, 1)]);
    front.fail(fault);
    await writer.retractRows({ machine, from: START, to: START }, stamp(9));
    expect(front.requests() - before).toBeGreaterThanOrEqual(9);
    const { rows } = await store.sums({ machines: [machine], periods: [HOUR], by: [] });
    expect([...rows]).toMatchObject([{ goodCount: 5 }]);
    expect((await store.stops({ machines: [machine], period: HOUR, limit: 9 })).stops).toEqual([
      segment(machine, 0, 3),
    ]);
    const events = [];
    for await (const batch of store.events({ machine })) events.push(...batch);
    expect(events).toEqual([event(machine, 0, 1)]);
  });

  test.each(FAULTS)("reads that fail by %s are repeated", async (fault) => {
    const machine = `reads/a/l/${fault}`;
    await store.insertRows([row(machine, 0)], stamp(1));
    const before = front.requests();
    front.fail(fault);
    const reader = fault === "time-out" ? hasty : store;
    expect(await reader.newestMinutes([machine])).toEqual(new Map([[machine, START]]));
    expect(front.requests() - before).toBeGreaterThanOrEqual(2);
  });

  test("a stream of rows that breaks off is an error, and never looks like a shorter answer", async () => {
    const machine = "stream/a/l/m";
    const rows = Array.from({ length: 60 }, (_, minute) => row(machine, minute));
    await store.insertRows(rows, stamp(1));
    front.fail("cut-within");
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const batch of store.rows({ machines: [machine], period: HOUR })) seen.push(...batch);
    })();
    await expect(reading).rejects.toMatchObject({ code: "OEE_STORE_UNAVAILABLE", retryable: true });
    expect(seen.length).toBeLessThan(60);
  });

  test("where the server stays away the retries end with OEE_STORE_UNAVAILABLE", async () => {
    const before = front.requests();
    front.fail("500", "500", "500");
    await expect(store.insertRows([row("away/a/l/m", 0)], stamp(1))).rejects.toMatchObject({
      name: "StoreError",
      code: "OEE_STORE_UNAVAILABLE",
      retryable: true,
      message: "could not insert into oee.kpi_minutes: upstream is away",
    });
    expect(front.requests() - before).toBe(3);
  });

  test("an address without a server is OEE_STORE_UNAVAILABLE", async () => {
    const nowhere = await openStore({ url: "http://127.0.0.1:1", retry: { attemptsMax: 2, firstDelayMs: 1 } });
    await expect(nowhere.ping()).rejects.toMatchObject({ code: "OEE_STORE_UNAVAILABLE" });
    await nowhere.close();
  });

  test("a full disk of the server is OEE_STORE_DISK_FULL, without a retry", async () => {
    const before = front.requests();
    front.fail("disk-full");
    await expect(store.insertEvents([event("full/a/l/m", 0, 1)])).rejects.toMatchObject({
      code: "OEE_STORE_DISK_FULL",
      retryable: true,
    });
    expect(front.requests() - before).toBe(1);
  });

  test("a statement that ClickHouse refuses is not repeated", async () => {
    const before = front.requests();
    const period = { from: Number.MAX_SAFE_INTEGER, to: Number.MAX_VALUE };
    await expect(store.stops({ machines: [], period, limit: 1 })).rejects.toMatchObject({
      code: "OEE_STORE_REFUSED",
      retryable: false,
    });
    expect(front.requests() - before).toBe(1);
  });

  test("closing ends retries, waits for requests under way, and refuses later ones", async () => {
    const closing = await openStore({
      url: front.url,
      retry: { attemptsMax: 9, firstDelayMs: 60_000, delayMsMax: 60_000 },
    });
    const done = closing.insertRows([row("closing/a/l/m", 0)], stamp(1));
    await done;
    front.fail("500");
    const [waiting] = await Promise.allSettled([closing.ping(), closing.close()]);
    expect(waiting).toMatchObject({ status: "rejected", reason: { code: "OEE_STORE_CLOSED" } });
    await closing.close();
    await expect(closing.ping()).rejects.toMatchObject({ code: "OEE_STORE_CLOSED" });
  });

  test("writes beyond the most that may wait are refused with OEE_STORE_BUSY", async () => {
    const writes = Array.from({ length: 70 }, (_, i) => store.insertRows([row("busy/a/l/m", i)], stamp(1)));
    const outcomes = await Promise.allSettled(writes);
    const refused = outcomes.filter((one) => one.status === "rejected").map((one) => one.reason.code);
    expect(refused).toEqual(Array.from({ length: 6 }, () => "OEE_STORE_BUSY"));
    const { rows } = await store.sums({
      machines: ["busy/a/l/m"],
      periods: [{ from: START, to: START + 80 * MINUTE }],
      by: [],
    });
    expect([...rows]).toMatchObject([{ runTime: 64 * MINUTE }]);
  });
});
