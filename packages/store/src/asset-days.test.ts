/** Days of machines, as the writer of raw events sums them up, by both ways to ClickHouse. */
import { describe, expect, test } from "vitest";
import { byBothWays, onEmbedded } from "../test/both-ways.ts";
import { event, START } from "../test/rows.ts";
import { type AssetDay, assetDaysOf } from "./asset-days.ts";
import { EventBatch } from "./event-batch.ts";
import type { EventRecord } from "./event-record.ts";
import { migrate } from "./migrate.ts";
import { assetDaysThatDiffer, assetsSeen, rebuildAssetDay } from "./review-tables.ts";
import { MIGRATIONS } from "./schema.ts";

const DAY = 86_400_000;
const FIRST = Math.floor(START / DAY);
const MIDNIGHT = FIRST * DAY;
const VIEW = 11;

function at(machine: string, instant: number, more: Partial<EventRecord> = {}): EventRecord {
  return { ...event(machine, 0, ++offset), type: "count", at: instant, ...more };
}
let offset = 0;
/** ClickHouse compiles what it has done three times. */
const USES = Array.from({ length: 5 });

test("SC-1: a machine's days in a batch have their first and last event and their number, corrections and repeats aside", () => {
  const [a, b] = ["s/a/l/a", "s/a/l/b"];
  const events = [
    ...[at(a, MIDNIGHT + 5), at(b, MIDNIGHT + DAY - 1), at(a, MIDNIGHT + DAY), at(a, MIDNIGHT + 3), at(b, MIDNIGHT)],
    ...[at(a, MIDNIGHT + 1, { repeat: true }), at(b, MIDNIGHT + 2 * DAY, { type: "correction" }), at(a, MIDNIGHT + 9)],
  ];
  const day = (machine: string, date: number, first: number, last: number, count: number): AssetDay => ({
    ...{ machine, date, first: MIDNIGHT + first, last: MIDNIGHT + last, events: count },
  });
  const days = [day(a, FIRST, 3, 9, 3), day(b, FIRST, 0, DAY - 1, 2), day(a, FIRST + 1, DAY, DAY, 1)];
  const batch = EventBatch.of(events);
  expect(assetDaysOf(batch)).toEqual(days);
  // Texts of a machine that has no event any more are kept.
  batch.clear();
  expect(assetDaysOf(batch)).toEqual([]);
});

byBothWays((on) => {
  test("SC-1: days are those that the raw events have, also far ahead, and add up", async () => {
    const instants = [0, 65_535 * DAY + 5, 65_536 * DAY, 70_000 * DAY, -25_000 * DAY + 7, START];
    const machine = "days/a/l/m";
    await on.store.insertEvents(instants.map((instant) => at(machine, instant)));
    await on.store.insertEvents([at(machine, START + 5), at(machine, START - 5), at("days/a/l/ä 🍾", START)]);
    await on.store.insertEvents([at(machine, START + 9, { type: "correction" })]);
    for (const _ of USES) {
      expect(await on.store.assetDaysThatDiffer()).toEqual([]);
      expect(await on.store.assetsSeen()).toMatchObject([
        { machine, declared: true, first: -25_000 * DAY + 7, last: 70_000 * DAY, events: 8 },
        { machine: "days/a/l/ä 🍾", declared: true, first: START, last: START, events: 1 },
      ]);
    }
  });
});

describe("ClickHouse", () => {
  const on = onEmbedded();

  test("dates are those of its `toDate`, before 1970 and after 2149 too", async () => {
    const instants = [-1, -999, -1_000, -400 * DAY, -400 * DAY - 1, 65_535 * DAY + 5, 65_536 * DAY, 120_000 * DAY];
    const rows = await on.transport.rows<{ date: number }>(
      `SELECT toUInt16(toDate(fromUnixTimestamp64Milli(arrayJoin([${instants.join(", ")}]), 'UTC'))) AS date`,
    );
    const dates = instants.map((instant) => assetDaysOf(EventBatch.of([at("m", instant)]))[0]?.date);
    expect(rows.map(({ date }) => date)).toEqual(dates);
  });

  test("SC-1: an installation from before keeps its days; those that a process of that version writes without them are found and mended", async () => {
    const { transport } = on;
    const insert = (instant: number): Promise<void> =>
      transport.command(`INSERT INTO oee.events (machine, type, at, topic, offset)
SELECT 'm', 'count', fromUnixTimestamp64Milli(${instant}, 'UTC'), 'oee.events', ${++offset}`);
    await migrate(transport, null, MIGRATIONS.slice(0, VIEW - 1));
    await insert(MIDNIGHT);
    expect(await migrate(transport, null)).toMatchObject({
      applied: MIGRATIONS.slice(VIEW - 1).map((one) => one.number),
    });
    expect(await assetsSeen(transport)).toMatchObject([{ first: MIDNIGHT, last: MIDNIGHT, events: 1 }]);
    expect(await assetDaysThatDiffer(transport)).toEqual([]);
    for (const later of [5, DAY]) await insert(MIDNIGHT + later);
    const dates = [FIRST, FIRST + 1].map((date) => new Date(date * DAY).toISOString().slice(0, 10));
    const found = await assetDaysThatDiffer(transport);
    expect(found.map(({ machine, date }) => [machine, date])).toEqual(dates.map((date) => ["m", date]));
    for (const { machine, date } of found) await rebuildAssetDay(transport, machine, date);
    expect(await assetDaysThatDiffer(transport)).toEqual([]);
    expect(await assetsSeen(transport)).toMatchObject([{ first: MIDNIGHT, last: MIDNIGHT + DAY, events: 3 }]);
    for (const instant of [-7, -5]) await insert(instant);
    for (const _ of USES) await rebuildAssetDay(transport, "m", "1969-12-31");
    expect(await assetsSeen(transport)).toMatchObject([{ first: -7, last: MIDNIGHT + DAY, events: 5 }]);
  });
});
