/** RV-2: events that came late are counted each once, up to a bound, and found by their index, by both ways to ClickHouse. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { event, MINUTE, START } from "../test/rows.ts";
import { type OpenWay, openWay, temporaryFolder } from "../test/ways.ts";
import { rm } from "node:fs/promises";
import { connectEmbedded } from "./embedded-transport.ts";
import type { EventRecord } from "./index.ts";
import { migrate } from "./migrate.ts";
import { eventsAfter, lateEvents } from "./review-queries.ts";
import type { Transport } from "./transport.ts";

const [A, B] = ["late/a/l/a", "late/a/l/b"];
const HOUR = 60 * MINUTE;
const MINUTES = 2_000;
const PERIOD = { from: START, to: START + MINUTES * MINUTE };

/** One event a minute of two machines; each hundredth of the first came 61 minutes late, one of them again, one is a correction, one a repeat. */
function events(): readonly EventRecord[] {
  const all: EventRecord[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    const one = event(A, minute, 2 * minute);
    all.push(
      minute % 100 === 50 ? { ...one, receivedAt: one.at + 61 * MINUTE } : one,
      event(B, minute, 2 * minute + 1),
    );
  }
  const late = all.filter(({ receivedAt, at }) => receivedAt - at > HOUR);
  const [first, second, third] = late as [EventRecord, EventRecord, EventRecord];
  const changed = [first, { ...second, type: "correction" as const }, { ...third, repeat: true }];
  return [...all.filter((one) => one !== second && one !== third), ...changed];
}

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  beforeAll(async () => {
    open = await openWay(way);
    await open.store.insertEvents(events());
  });
  afterAll(() => open.close());

  test("RV-2: each once; corrections and repeats are none; of more than are counted it is not told how many came after the end", async () => {
    const query = {
      machines: [A, B],
      period: PERIOD,
      lateMs: HOUR,
      after: PERIOD.from + 1_000 * MINUTE,
      countMax: 100,
    };
    // Minutes 50, 350, 450, …, 1950: without 150 and 250. From minute 950 on they arrived after minute 1,000.
    expect(await open.store.lateEvents(query)).toEqual({ count: 18, after: 11 });
    expect(await open.store.lateEvents({ ...query, lateMs: 2 * HOUR })).toEqual({ count: 0, after: 0 });
    expect(await open.store.lateEvents({ ...query, machines: [B] })).toEqual({ count: 0, after: 0 });
    expect(await open.store.lateEvents({ ...query, countMax: 17 })).toEqual({ count: 17, after: null });
    expect(await open.store.lateEvents({ ...query, countMax: 18 })).toEqual({ count: 18, after: 11 });
  });
});

test("indexes pass over what came in time, and what came before an instant", async () => {
  const folder = await temporaryFolder();
  const transport = await connectEmbedded({ path: folder });
  onTestFinished(async () => {
    await transport.close();
    await rm(folder, { recursive: true, force: true });
  });
  await migrate(transport, null);
  // Ten granules of 8,192 events of a second each, of which one came late.
  await transport.command(
    `INSERT INTO oee.events (machine, type, at, topic, offset, received_at)
SELECT '${A}', 'state', fromUnixTimestamp64Milli(${START} + 1000 * number, 'UTC') AS at, 't', number, at + INTERVAL (number = 20000 ? 7200 : 1) SECOND
FROM numbers(81920)`,
  );
  const query = {
    machines: [A],
    period: { from: START, to: START + 81_920_000 },
    lateMs: HOUR,
    after: START,
    countMax: 10,
  };
  expect(await lateEvents(transport, query)).toEqual({ count: 1, after: 1 });
  const after = { machines: [A], before: START + 40_000_000, since: START + 90_000_000 };
  expect(await eventsAfter(transport, after)).toBe(0);
  expect(await granulesOf("late_by_ms", (explaining) => lateEvents(explaining, query))).toBe("1/10");
  expect(await granulesOf("received", (explaining) => eventsAfter(explaining, after))).toBe("0/5");

  /** What an index leaves of the granules that are left by then. */
  async function granulesOf(
    index: string,
    ask: (transport: Transport) => Promise<unknown>,
  ): Promise<string | undefined> {
    let plan: readonly string[] = [];
    const rows: Transport["rows"] = async (sql, parameters) => {
      const lines = await transport.rows<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`, parameters);
      plan = lines.map(({ explain }) => explain.trim());
      return [];
    };
    await ask({ ...transport, rows });
    const from = plan.findIndex((line) => line === `Name: ${index}`);
    return plan
      .slice(from)
      .find((line) => line.startsWith("Granules: "))
      ?.slice("Granules: ".length);
  }
});
