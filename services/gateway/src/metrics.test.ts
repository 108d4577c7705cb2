import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { gatewayMetrics } from "./metrics.ts";

const observed = {
  ...{ liveClients: () => 2, onDuty: () => true, alertsOpen: () => 3 },
  machines: () => ({ known: 5, stale: 1, unreadable: 0 }),
};

test("docs/metrics.md lists the gateway's metrics, and no others with its prefix", async () => {
  const registry = new Registry();
  gatewayMetrics(registry, observed);
  const text = await registry.metrics();
  const named = [...text.matchAll(/^# TYPE (oee_gateway_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  const docs = await readFile(fileURLToPath(new URL("../../../docs/metrics.md", import.meta.url)), "utf8");
  const listed = [...docs.matchAll(/^\| `(oee_gateway_[a-z_]+)` \| ([a-z]+) \|/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(listed.toSorted()).toEqual(named.toSorted());
});

test("gauges are read when they are asked for; every series of a counter is there from the start, at 0", async () => {
  const registry = new Registry();
  const metrics = gatewayMetrics(registry, observed);
  metrics.alertMessages.inc({ by: "email", outcome: "failed" });
  const lines = new Set((await registry.metrics()).split("\n"));
  for (const line of [
    "oee_gateway_machines_known 5",
    "oee_gateway_machines_stale 1",
    "oee_gateway_alerts_on_duty 1",
    'oee_gateway_alert_messages_total{by="email",outcome="failed"} 1',
    'oee_gateway_alert_messages_total{by="webhook",outcome="sent"} 0',
    'oee_gateway_problems_total{code="OEE_HTTP_BUSY"} 0',
    'oee_gateway_events_refused_total{code="unknown-machine"} 0',
    'oee_gateway_records_passed_over_total{topic="messages"} 0',
  ]) {
    expect([line, lines.has(line)]).toEqual([line, true]);
  }
});
