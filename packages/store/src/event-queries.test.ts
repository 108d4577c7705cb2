/** Stored events as a recompute reads them, by both ways to ClickHouse. Each test uses other machines. */
import { expect, test } from "vitest";
import { all, event, MINUTE, START, NASTY } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";
import type { EventRecord } from "./index.ts";

byBothWays((on) => {
  test("CN-4, P-5: events are read in log order, each once, without repeats", async () => {
    const machine = "cn4/a/l/m";
    const events: EventRecord[] = [
      event(machine, 9, 10, { index: 1 }),
      event(machine, 3, 10, { index: 0, id: "a" }),
      event(machine, 1, 11, { type: "correction", raw: `{"note":${JSON.stringify(NASTY.join())}}` }),
      event(machine, 5, 12, { id: "a", repeat: true }),
      event(machine, 4, 2, { partition: 12 }),
      event(machine, 59, 9),
    ];
    await on.store.insertEvents(events);
    await on.store.insertEvents(events.toReversed());
    const inOrder = [events[5], events[1], events[0], events[2], events[4]];
    expect(await all(on.store.events({ machine }))).toEqual(inOrder);
    expect(await all(on.store.events({ machine, types: ["correction"] }))).toEqual([events[2]]);
    expect(await all(on.store.events({ machine, from: START + 3 * MINUTE, to: START + 9 * MINUTE }))).toEqual([
      events[1],
      events[4],
    ]);
    expect(await all(on.store.events({ machine: "cn4/a/l/other" }))).toEqual([]);
  });

  test("TL-1, CN-3: the last events before an instant are the latest by time, then by log order", async () => {
    const machine = "tl1/a/l/m";
    const events = [
      event(machine, 5, 4),
      event(machine, 5, 9),
      event(machine, 6, 1),
      event(machine, 4, 20),
      event(machine, 4.5, 21, { type: "job" }),
    ];
    await on.store.insertEvents(events);
    const before = START + 6 * MINUTE;
    expect(await on.store.eventsBefore({ machine, types: ["state"], before, limit: 2 })).toEqual([
      events[1],
      events[0],
    ]);
    expect(await on.store.eventsBefore({ machine, types: ["job"], before, limit: 1 })).toEqual([events[4]]);
    expect(await on.store.eventsBefore({ machine, types: ["state", "job"], before: START, limit: 1 })).toEqual([]);
  });

  test("CN-4: the last ids of machines are in log order, without those of repeats and of offsets from `before` on", async () => {
    const named = (machine: string, minute: number, offset: number, id: string | null, repeat = false): EventRecord =>
      event(machine, minute, offset, { id, repeat });
    const [one, two] = ["ids/a/l/one", "ids/a/l/two"];
    const events = [
      named(one, 5, 1, "a"),
      named(one, 2, 2, "late"),
      named(one, 6, 3, "a", true),
      named(one, 7, 4, null),
      named(one, 8, 5, "b"),
      named(one, 9, 9, "behind"),
      named(two, 3, 6, "c"),
      named("ids/a/l/other", 3, 7, "d"),
    ];
    await on.store.insertEvents(events);
    const { topic, partition } = named(one, 5, 1, "a");
    const query = { machines: [one, two], since: START, before: { topic, partition, offset: 9 } };
    expect(await on.store.lastIds({ ...query, limit: 256 })).toEqual(
      new Map([
        [one, ["a", "late", "b"]],
        [two, ["c"]],
      ]),
    );
    expect((await on.store.lastIds({ ...query, limit: 2 })).get(one)).toEqual(["late", "b"]);
    expect((await on.store.lastIds({ ...query, since: START + 8 * MINUTE, limit: 2 })).get(one)).toEqual(["b"]);
  });

  test("CN-2: the last total before an instant is found for each quantity", async () => {
    const machine = "cn2/a/l/m";
    const total = (minute: number, offset: number, totals: object): EventRecord =>
      event(machine, minute, offset, { type: "total", raw: JSON.stringify({ type: "count", total: totals }) });
    const [first, second, third] = [
      total(1, 1, { good: 0, scrap: 3 }),
      total(2, 2, { good: 9, scrap: null, produced: 10 }),
      total(3, 3, { good: 12 }),
    ];
    const count = event(machine, 2, 5, { type: "count", raw: '{"type":"count","rework":4}' });
    await on.store.insertEvents([first, second, third, count].filter((one) => one !== undefined));
    expect(await on.store.totalsBefore({ machine, before: START + 3 * MINUTE })).toEqual({
      good: second,
      scrap: first,
      rework: null,
      produced: second,
    });
  });
});
