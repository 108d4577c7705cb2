/** The metrics of `oee connect`; docs/metrics.md lists them, and a test holds it to that. They ask the connector when they are asked. */
import type { Connector } from "@oee/connectors";
import { Counter, Gauge, type Registry } from "prom-client";
import { newRegistry } from "../live/process-metrics.ts";

type Status = ReturnType<Connector["status"]>;
type OfConnection = (connection: Status["connections"][number]) => number;
type OfAll = (status: Status) => number;

interface Measured {
  readonly connector: Pick<Connector, "status">;
  readonly filesRefused: () => number;
}

export function connectMetrics({ connector, filesRefused }: Measured, register: Registry = newRegistry()): Registry {
  const counter = (name: string, help: string, of: OfConnection): Counter<"connection"> =>
    new Counter({
      name,
      help,
      labelNames: ["connection"],
      registers: [],
      collect() {
        this.reset();
        for (const connection of connector.status().connections) {
          this.inc({ connection: connection.name }, of(connection));
        }
      },
    });
  const counterOfAll = (name: string, help: string, of: OfAll): Counter =>
    new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(of(connector.status()));
      },
    });
  const gauge = (name: string, help: string, of: OfAll): Gauge =>
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(of(connector.status()));
      },
    });
  const connected = new Gauge({
    name: "oee_connect_connected",
    help: "1 while the peer of a connection answers",
    labelNames: ["connection"],
    registers: [],
    collect() {
      for (const { name, connected: is } of connector.status().connections) this.set({ connection: name }, is ? 1 : 0);
    },
  });
  const metrics = [
    connected,
    counter("oee_connect_observations_total", "values that were read", ({ observations }) => observations),
    counter("oee_connect_events_total", "events that were made of them", ({ events }) => events),
    counter("oee_connect_values_refused_total", "values that could not be used", ({ refused }) => refused),
    counter("oee_connect_gaps_total", "times when values may have been lost", ({ gapCount }) => gapCount),
    gauge("oee_connect_waiting_events", "events on disk that are not delivered yet", ({ waiting }) => waiting.events),
    gauge("oee_connect_waiting_bytes", "the same in bytes", ({ waiting }) => waiting.bytes),
    gauge("oee_connect_delivery_failing", "1 while the gateway takes nothing", ({ failing }) =>
      failing === null ? 0 : 1,
    ),
    counterOfAll("oee_connect_events_delivered_total", "events that the gateway took", ({ delivered }) => delivered),
    counterOfAll("oee_connect_events_refused_total", "events that the gateway refused", ({ refused }) => refused),
    counterOfAll("oee_connect_files_refused_total", "changed connections files that were refused", filesRefused),
  ];
  for (const metric of metrics) register.registerMetric(metric);
  return register;
}
