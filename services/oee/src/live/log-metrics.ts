/** What the log itself says of its health, for Prometheus. */
import type { EventLog } from "@oee/event-log";
import { Gauge, type Registry } from "prom-client";

export function logMetrics(log: EventLog, registry: Registry): void {
  registry.registerMetric(
    new Gauge({
      name: "oee_log_topics_unread",
      help: "Topics that are to be read and cannot be, though the log answers",
      registers: [],
      collect() {
        this.set(log.describe().unread.length);
      },
    }),
  );
}
