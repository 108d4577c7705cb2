/** What a review asks of stored stops and events, by both ways to ClickHouse. */
import { expect, test } from "vitest";
import { event, MINUTE, segment, stamp, START, DAY, heard, MIDNIGHT } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

const HOUR = 60 * MINUTE;

byBothWays((on) => {
  test("SC-1: machines seen in a day are those with raw events in it, at whatever instant the day begins", async () => {
    const spread = [0.2, 5, 23.9, 24, 31, 47.5].map((hours) => MIDNIGHT + hours * HOUR);
    for (const [i, at] of spread.entries()) await on.store.insertEvents(heard(`seen/a/l/m${i}`, at));
    await on.store.insertEvents(heard("seen/a/l/both", MIDNIGHT + HOUR, MIDNIGHT + 47 * HOUR));
    const correction = { ...event("seen/a/l/corrected", 0, 0), type: "correction" as const, at: MIDNIGHT + DAY };
    await on.store.insertEvents([correction]);
    for (let from = MIDNIGHT - DAY; from <= MIDNIGHT + 2 * DAY; from += 2.5 * HOUR) {
      const expected = spread.flatMap((at, i) => (at >= from && at < from + DAY ? [`seen/a/l/m${i}`] : []));
      const isBoth = [1, 47].some((hours) => MIDNIGHT + hours * HOUR >= from && MIDNIGHT + hours * HOUR < from + DAY);
      const seen = await on.store.machinesSeen({ machines: { under: "seen" }, period: { from, to: from + DAY } });
      expect([from, [...seen].toSorted()]).toEqual([from, [...(isBoth ? ["seen/a/l/both"] : []), ...expected]]);
    }
    const hour = { from: MIDNIGHT + 5 * HOUR, to: MIDNIGHT + 6 * HOUR };
    expect([...(await on.store.machinesSeen({ machines: { under: "seen" }, period: hour }))]).toEqual(["seen/a/l/m1"]);
    const both = await on.store.machinesHeard(["seen/a/l/both", "seen/a/l/corrected"]);
    expect([...both]).toEqual([["seen/a/l/both", { first: MIDNIGHT + HOUR, last: MIDNIGHT + 47 * HOUR }]]);
    expect(await on.store.assetDaysThatDiffer()).toEqual([]);
  });

  test("AL-1: silences are found as the events after which none came for longer than asked", async () => {
    await on.store.insertEvents(
      heard("still/a/l/m", START, START + 9 * MINUTE, START + 20 * MINUTE, START + 21 * MINUTE),
    );
    await on.store.insertEvents(heard("still/a/l/n", START + 5 * MINUTE));
    const query = {
      machines: { under: "still" },
      period: { from: START, to: START + HOUR },
      longerThanMs: 10 * MINUTE,
    };
    expect(await on.store.silences(query)).toEqual([
      { machine: "still/a/l/m", at: START + 9 * MINUTE, next: START + 20 * MINUTE },
      { machine: "still/a/l/m", at: START + 21 * MINUTE, next: null },
      { machine: "still/a/l/n", at: START + 5 * MINUTE, next: null },
    ]);
  });

  test("RS-1: the longest stops are those of the greatest scheduled time, minor ones aside, and all that cross the period's ends", async () => {
    const machine = "long/a/l/m";
    const [short, long, minor, crossing] = [
      segment(machine, 0, 2),
      segment(machine, 10, 5),
      segment(machine, 20, 9, { minor: true }),
      segment(machine, 59, 2),
    ];
    await on.store.insertStops([short, long, minor, crossing], stamp(1));
    const period = { from: START, to: START + HOUR };
    expect(await on.store.longestStops({ machines: [machine], period, limit: 1 })).toEqual([long, crossing]);
    expect(await on.store.longestStops({ machines: [machine], period, limit: 2 })).toEqual([short, long, crossing]);
  });

  test("events of before an instant that came later are counted, corrections where they are asked for", async () => {
    const machine = "after/a/l/m";
    const at = { receivedAt: START + HOUR };
    await on.store.insertEvents([
      event(machine, 0, 1),
      event(machine, 1, 2, at),
      event(machine, 2, 3, { ...at, repeat: true }),
      event(machine, 90, 4, { ...at, type: "correction" }),
    ]);
    const query = { machines: [machine], before: START + HOUR, since: START + HOUR };
    expect(await on.store.eventsAfter(query)).toBe(1);
    expect(await on.store.eventsAfter({ ...query, corrections: true })).toBe(2);
    expect(await on.store.corrections([machine])).toMatchObject([{ offset: 4 }]);
  });

  test("state events of a span, and of each machine the last so many before it", async () => {
    const [one, two] = ["states/a/l/one", "states/a/l/two"];
    const year = 366 * 24 * 60;
    await on.store.insertEvents([event(one, -2, 1), event(one, -1, 2), event(one, 3, 3), event(two, -year, 4)]);
    const asked = { machines: [one, two], from: START, to: START + HOUR, before: 1 };
    const found = (await on.store.stateEvents(asked)).map(({ offset }) => offset);
    expect(found.toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
    expect((await on.store.stateEvents({ ...asked, before: 0 })).map(({ offset }) => offset)).toEqual([3]);
  });

  test("a partition's position is one past its greatest offset", async () => {
    const own = { topic: "positions" };
    await on.store.insertEvents([event("p/a/l/m", 0, 7, own), event("p/a/l/m", 1, 4, own)]);
    expect(await on.store.storedPositions("positions")).toEqual(new Map([[3, 8]]));
  });
});
