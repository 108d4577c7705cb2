/** The tables of the review, by both ways to ClickHouse. */
import { expect, test } from "vitest";
import { event, MINUTE, START, DAY, heard, MIDNIGHT } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

const HOUR = 60 * MINUTE;

byBothWays((on) => {
  test("SC-1: a machine's day in `asset_days` that differs from its raw events is found, and rebuilt from them", async () => {
    await on.store.insertEvents(heard("day/a/l/m", START, START + MINUTE));
    const early = { ...event("day/a/l/m", 0, 9), type: "state" as const, at: START - MINUTE };
    // An event is written and then made a repeat, which removes it from the events and not from the table of days.
    await on.store.insertEvents([early]);
    await on.store.insertEvents([{ ...early, repeat: true }]);
    const date = new Date(START).toISOString().slice(0, 10);
    expect(await on.store.assetDaysThatDiffer()).toMatchObject([{ machine: "day/a/l/m", date }]);
    await on.store.rebuildAssetDay("day/a/l/m", date);
    expect(await on.store.assetDaysThatDiffer()).toEqual([]);
    expect([...(await on.store.machinesHeard(["day/a/l/m"]))]).toEqual([
      ["day/a/l/m", { first: START, last: START + MINUTE }],
    ]);
  });

  test("RE-3: entries are read in the order of the log, each once, though written twice", async () => {
    const entry = (offset: number, rev: number) => ({
      offset,
      type: "target",
      id: "t ä",
      rev,
      at: START,
      by: "anna",
      scope: "berlin",
      withdrawn: false,
      refused: null,
      value: '{"a":1}',
    });
    const refused = { ...entry(2, 9), at: null, by: null, scope: null, refused: "conflict" };
    await on.store.insertEntries([entry(0, 1), entry(1, 2)]);
    await on.store.insertEntries([entry(1, 2), refused]);
    expect(await on.store.storedEntries(0)).toEqual([entry(0, 1), entry(1, 2), refused]);
    expect(await on.store.storedEntries(2)).toEqual([refused]);
    expect(await on.store.entriesEnd()).toBe(3);
  });

  test("AL-4: of an alert the row of the newest version counts, of a message the row of the highest offset in its log", async () => {
    const alert = {
      ticket: "r/m@2026",
      rule: "r",
      kind: "stop",
      scope: "still/a/l/m",
      reason: null,
      opens: START,
      resolves: null,
      seen: START + MINUTE,
      withdrawn: null,
    };
    await on.store.insertAlerts([{ ...alert, resolves: START + HOUR }], 7n);
    await on.store.insertAlerts([alert], 3n);
    expect(await on.store.alerts({ from: START, to: START + 1 })).toEqual([{ ...alert, resolves: START + HOUR }]);
    expect(await on.store.alerts({ from: START + HOUR, to: START + DAY })).toHaveLength(1);
    expect(await on.store.alerts({ from: START + HOUR + 1, to: START + DAY })).toEqual([]);
    const message = {
      key: "k",
      offset: 4,
      ticket: "r/m@2026",
      step: 1,
      kind: "step",
      state: "sent",
      at: START + MINUTE,
      due: START,
      value: "{}",
    };
    await on.store.insertMessages([message, { ...message, offset: 3, state: "sending" }]);
    expect(await on.store.messages({ tickets: ["r/m@2026"] })).toEqual([message]);
    expect(await on.store.messages({ dueFrom: START + 1 })).toEqual([]);
  });

  test("SC-3: latencies add up, by hop and bucket", async () => {
    const hour = MIDNIGHT;
    const count = { machine: "late/a/l/m", hop: "log", hour, bucket: 3, count: 2 };
    await on.store.insertLatencies([count, { ...count, bucket: 4, count: 1 }]);
    await on.store.insertLatencies([
      count,
      { ...count, machine: "late/a/l/n", count: 5 },
      { ...count, hour: hour + HOUR },
    ]);
    const query = { machines: { under: "late" }, period: { from: hour, to: hour + HOUR } };
    expect(await on.store.latencies(query)).toEqual([
      { hop: "log", bucket: 3, count: 9 },
      { hop: "log", bucket: 4, count: 1 },
    ]);
  });

  test("SC-1: undeclared machines are kept under the text that events named them by", async () => {
    await on.store.insertUndeclared([{ machine: "??/x", first: START, last: START + MINUTE, events: 3 }]);
    expect((await on.store.assetsSeen()).filter(({ declared }) => !declared)).toEqual([
      { machine: "??/x", declared: false, first: START, last: START + MINUTE, events: 3 },
    ]);
  });

  test("RV-3: a presented review keeps its bytes", async () => {
    const review = {
      id: "q",
      rev: 2,
      scope: "berlin",
      period: "2026-Q1",
      presentedAt: START,
      instant: "2026-04-02T00:00:00.000Z",
      plantVersion: "v",
      position: '{"oee.events":{"0":1}}',
      digest: "sha256:x",
      signOffs: "[]",
      document: '{"ä":"\\u0000\\t🍾"}',
    };
    await on.store.insertPresentedReviews([review]);
    await on.store.insertPresentedReviews([review]);
    expect(await on.store.presentedReviews()).toEqual([review]);
  });
});
