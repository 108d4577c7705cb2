/** The metrics of a process in which nothing has happened yet. */
import { workerMetrics } from "@oee/worker";
import type { Registry } from "prom-client";
import { gatewayMetrics } from "../../services/gateway/src/metrics.ts";

/** Puts those of worker and gateway into a registry. */
export function addMetrics(registry: Registry): void {
  workerMetrics(registry);
  gatewayMetrics(registry, {
    liveClients: () => 0,
    machines: () => ({ known: 0, stale: 0, unreadable: 0 }),
    onDuty: () => false,
    alertsOpen: () => 0,
  });
}
