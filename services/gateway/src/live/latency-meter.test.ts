import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { FILLER, liveRecord, PLANT, START } from "../../test/gateway-fixture.ts";
import { LatencyCounts } from "../keeper/latency-counts.ts";
import { gatewayMetrics } from "../metrics.ts";
import { LatencyMeter } from "./latency-meter.ts";

test("SC-3: an event that a screen showed is measured once, hop by hop, and the hops add up to the whole way", async () => {
  const counts = new LatencyCounts(() => PLANT.plant);
  const machines = () => ({ known: 0, stale: 0, unreadable: 0 });
  const gauges = { liveClients: () => 0, onDuty: () => false, alertsOpen: () => 0, machines };
  const meter = new LatencyMeter(gatewayMetrics(new Registry(), gauges).latency, counts);
  const latency = { eventAt: START, loggedAt: START + 100, computedAt: START + 150 };
  meter.emitted(FILLER, START);
  meter.received(liveRecord(FILLER, START, { latency }), START + 170);
  meter.emitted(FILLER, START + 200);
  meter.emitted(FILLER, START + 900);
  const found = await meter.percentiles();
  expect(Object.entries(found).map(([hop, { count, quantiles }]) => [hop, count, quantiles["0.5"]])).toEqual([
    ["log", 1, 100],
    ["compute", 1, 50],
    ["gateway", 1, 20],
    ["emit", 1, 30],
    ["total", 1, 200],
  ]);
  expect(counts.take().filter(({ hop }) => hop === "total")).toHaveLength(1);
});
