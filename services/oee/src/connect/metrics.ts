/** The metrics of `oee connect`; docs/metrics.md lists them, and a test holds it to that. */
import type { Connector } from "@oee/connectors";
import { Counter, Gauge, Registry } from "prom-client";
import { newRegistry } from "../live/process-metrics.ts";

/** Metrics that read the connector when they are asked. */
export function connectMetrics(connector: Pick<Connector, "status">, register: Registry = newRegistry()): Registry {
  const registers = [register];
  type Status = ReturnType<Connector["status"]>;
  type Of = (connection: Status["connections"][number]) => number;
  const labelNames = ["connection"] as const;
  const counter = (name: string, help: string, of: Of): void => {
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const connection of connector.status().connections)
          this.inc({ connection: connection.name }, of(connection));
      },
    });
  };
  const gauge = (name: string, help: string, of: (status: Status) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(of(connector.status()));
      },
    });
  };
  new Gauge({
    name: "oee_connect_connected",
    help: "1 while the peer of a connection answers",
    labelNames,
    registers,
    collect() {
      for (const { name, connected } of connector.status().connections)
        this.set({ connection: name }, connected ? 1 : 0);
    },
  });
  counter("oee_connect_observations_total", "values that were read", ({ observations }) => observations);
  counter("oee_connect_events_total", "events that were made of them", ({ events }) => events);
  counter("oee_connect_values_refused_total", "values that could not be used", ({ refused }) => refused);
  counter("oee_connect_gaps_total", "times when values may have been lost", ({ gapCount }) => gapCount);
  gauge("oee_connect_waiting_events", "events on disk that are not delivered yet", ({ waiting }) => waiting.events);
  gauge("oee_connect_waiting_bytes", "the same in bytes", ({ waiting }) => waiting.bytes);
  gauge("oee_connect_delivery_failing", "1 while the gateway takes nothing", ({ failing }) =>
    failing === null ? 0 : 1,
  );
  new Counter({
    name: "oee_connect_events_delivered_total",
    help: "events that the gateway took",
    registers,
    collect() {
      this.reset();
      this.inc(connector.status().delivered);
    },
  });
  new Counter({
    name: "oee_connect_events_refused_total",
    help: "events that the gateway refused",
    registers,
    collect() {
      this.reset();
      this.inc(connector.status().refused);
    },
  });
  return register;
}
