import { bucketOf } from "@oee/review";
import { expect, test } from "vitest";
import { FILLER, liveRecord, plantOf, PLANT_TEXT, PRESS, START } from "../../test/gateway-fixture.ts";
import { LatencyCounts } from "./latency-counts.ts";

const LATENCY = { eventAt: START, loggedAt: START + 100, computedAt: START + 150 };

test("SC-3: an event counts once in each hop, however many records repeat it, and the waiting counts are taken once", () => {
  const counts = new LatencyCounts(() => plantOf(PLANT_TEXT).plant);
  const record = liveRecord(FILLER, START, { latency: LATENCY });
  const [filler, press] = [counts.of(FILLER), counts.of(PRESS)];
  counts.received(filler, record, START + 170);
  counts.received(filler, { ...record, now: START + 5_000 }, START + 5_000);
  counts.received(press, liveRecord(PRESS, START), START);
  counts.emitted(filler, 5, 175, START + 175);
  expect(counts.take().map(({ hop, bucket, count, hour }) => [hop, bucket, count, hour])).toEqual(
    (
      [
        ["log", 100],
        ["compute", 50],
        ["gateway", 20],
        ["emit", 5],
        ["total", 175],
      ] as const
    ).map(([hop, ms]) => [hop, bucketOf(ms), 1, START]),
  );
  expect(counts.take()).toEqual([]);
});

test("SC-3: counts are by the hour of arrival, also where an event of the hour before comes, and go on after they were taken", () => {
  const counts = new LatencyCounts(() => plantOf(PLANT_TEXT).plant);
  const of = counts.of(FILLER);
  const HOUR = 3_600_000;
  const taken = (): unknown => counts.take().map(({ machine, hour, hop, count }) => [machine, hour, hop, count]);
  for (const at of [START, START + 1, START + HOUR, START + 2]) counts.emitted(of, 5, 175, at);
  const both = (hour: number, count: number) => ["emit", "total"].map((hop) => [FILLER, hour, hop, count]);
  expect(taken()).toEqual([...both(START, 2), ...both(START + HOUR, 1), ...both(START, 1)]);
  counts.emitted(of, 5, 175, START + 3);
  expect(taken()).toEqual(both(START, 1));
});

test("AL-1: of scopes and hops that a rule names the 95th percentile of a minute is known, of others none", () => {
  const rules = "alerts: [{ id: slow, kind: late, scope: berlin/packing/l1, hop: log, p95: 1s, for: 1m, chain: stop }]";
  const { plant } = plantOf(PLANT_TEXT.replace(/^alerts: .*$/m, rules));
  const counts = new LatencyCounts(() => plant);
  counts.received(counts.of(FILLER), liveRecord(FILLER, START, { latency: LATENCY }), START + 170);
  const [line, other] = ["berlin/packing/l1", "berlin/packing/l2"].map((path) => plant.scopes.get(path));
  if (line === undefined || other === undefined) throw new Error("two lines");
  // Within the bucket of 100 ms.
  expect(bucketOf(counts.p95(line, "log", START) ?? NaN)).toBe(bucketOf(100));
  expect(counts.p95(line, "log", START + 60_000)).toBeNull();
  expect([counts.p95(line, "total", START), counts.p95(other, "log", START)]).toEqual([null, null]);
});
