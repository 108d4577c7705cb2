import { bucketOf } from "@oee/review";
import { expect, test } from "vitest";
import { FILLER, liveRecord, plantOf, PLANT_TEXT, PRESS, START } from "../../test/gateway-fixture.ts";
import { LatencyCounts } from "./latency-counts.ts";

const LATENCY = { eventAt: START, loggedAt: START + 100, computedAt: START + 150 };

test("SC-3: an event counts once in each hop, however many records repeat it, and the waiting counts are taken once", () => {
  const counts = new LatencyCounts(() => plantOf(PLANT_TEXT).plant);
  const record = liveRecord(FILLER, START, { latency: LATENCY });
  counts.received(record, START + 170);
  counts.received({ ...record, now: START + 5_000 }, START + 5_000);
  counts.received(liveRecord(PRESS, START), START);
  counts.emitted(FILLER, 5, 175, START + 175);
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

test("AL-1: of scopes and hops that a rule names the 95th percentile of a minute is known, of others none", () => {
  const rules = "alerts: [{ id: slow, kind: late, scope: berlin/packing/l1, hop: log, p95: 1s, for: 1m, chain: stop }]";
  const { plant } = plantOf(PLANT_TEXT.replace(/^alerts: .*$/m, rules));
  const counts = new LatencyCounts(() => plant);
  counts.received(liveRecord(FILLER, START, { latency: LATENCY }), START + 170);
  const [line, other] = ["berlin/packing/l1", "berlin/packing/l2"].map((path) => plant.scopes.get(path));
  if (line === undefined || other === undefined) throw new Error("two lines");
  // Within the bucket of 100 ms.
  expect(bucketOf(counts.p95(line, "log", START) ?? NaN)).toBe(bucketOf(100));
  expect(counts.p95(line, "log", START + 60_000)).toBeNull();
  expect([counts.p95(line, "total", START), counts.p95(other, "log", START)]).toEqual([null, null]);
});
