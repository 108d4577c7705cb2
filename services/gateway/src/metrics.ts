/**
 * The gateway's metrics, all in one place; `docs/metrics.md` lists them with the same names and a test holds it to that.
 * Labels have few values, none of which a client chooses.
 */
import { REFUSAL_CODES } from "@oee/model";
import { Counter, Gauge, Histogram, type Registry, Summary } from "prom-client";
import { PROBLEMS } from "./problems.ts";

/** Topics of which a gateway reads records that it may have to pass over. */
const TOPICS_READ = ["live", "access", "messages"];
const LIVE_MESSAGES = ["snapshot", "update", "heartbeat"];

export const QUANTILES: readonly number[] = [0.5, 0.9, 0.95, 0.99];

export interface GatewayMetrics {
  readonly requests: Histogram<"route" | "method" | "status">;
  readonly problems: Counter<"code">;
  readonly acceptedEvents: Counter;
  readonly refusedEvents: Counter<"code">;
  readonly corrections: Counter;
  readonly liveRecords: Counter;
  readonly passedOver: Counter<"topic">;
  readonly liveMessages: Counter<"kind">;
  readonly liveSkipped: Counter;
  readonly latency: Summary<"hop">;
  readonly alertLooks: Histogram<"span">;
  readonly alertMessages: Counter<"by" | "outcome">;
  readonly alertsNotSent: Counter;
}

export interface ObservedGauges {
  readonly liveClients: () => number;
  /** Whether this gateway looks for alerts. */
  readonly onDuty: () => boolean;
  readonly alertsOpen: () => number;
  readonly machines: () => { readonly known: number; readonly stale: number; readonly unreadable: number };
}

export function gatewayMetrics(registry: Registry, observed: ObservedGauges): GatewayMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  /** A counter whose series all exist from the start, at 0: PromQL's `increase()` misses the first count of a series that appears with it. */
  const counterBy = <L extends string>(name: string, help: string, label: L, values: readonly string[]): Counter<L> => {
    const made = new Counter({ name, help, labelNames: [label], registers });
    for (const value of values) made.inc({ [label]: value } as Record<L, string>, 0);
    return made;
  };
  gauge("oee_gateway_live_clients", "Connected websocket clients.", observed.liveClients);
  gauge("oee_gateway_machines_known", "Machines of which a live record came.", () => observed.machines().known);
  gauge(
    "oee_gateway_machines_stale",
    "Machines whose newest live record is too old to show.",
    () => observed.machines().stale,
  );
  gauge(
    "oee_gateway_machines_unreadable",
    "Machines whose worker is of a release with other components: their figures are not shown.",
    () => observed.machines().unreadable,
  );
  gauge("oee_gateway_alerts_on_duty", "1: this gateway looks for alerts and sends their messages.", () =>
    Number(observed.onDuty()),
  );
  gauge("oee_gateway_alerts_open", "Alerts that are open or acknowledged.", observed.alertsOpen);
  return {
    requests: new Histogram({
      name: "oee_gateway_request_duration_seconds",
      help: "Time to answer a request, by route, method and status.",
      labelNames: ["route", "method", "status"],
      buckets: [0.005, 0.025, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    problems: counterBy(
      "oee_gateway_problems_total",
      "Requests answered with a problem, by its code.",
      "code",
      Object.keys(PROBLEMS),
    ),
    acceptedEvents: new Counter({
      name: "oee_gateway_events_accepted_total",
      help: "Events of POST /events that are in the log.",
      registers,
    }),
    refusedEvents: counterBy(
      "oee_gateway_events_refused_total",
      "Events of POST /events that were refused, by the code of DI-2.",
      "code",
      REFUSAL_CODES,
    ),
    corrections: new Counter({
      name: "oee_gateway_corrections_accepted_total",
      help: "Corrections of POST /corrections that are in the log.",
      registers,
    }),
    liveRecords: new Counter({
      name: "oee_gateway_live_records_total",
      help: "Live records of machines that came from workers.",
      registers,
    }),
    passedOver: counterBy(
      "oee_gateway_records_passed_over_total",
      "Records of a topic that could not be read, or lack what its records have, by topic.",
      "topic",
      TOPICS_READ,
    ),
    liveMessages: counterBy(
      "oee_gateway_live_messages_total",
      "Snapshots, updates and heartbeats handed to connections, by kind.",
      "kind",
      LIVE_MESSAGES,
    ),
    liveSkipped: new Counter({
      name: "oee_gateway_live_skipped_total",
      help: "Times that a client was too slow for an update and got a snapshot later instead.",
      registers,
    }),
    alertLooks: new Histogram({
      name: "oee_gateway_alert_look_duration_seconds",
      help: "Time that a look for alerts took: back over the last hours (near), the last days (far).",
      labelNames: ["span"],
      buckets: [0.05, 0.2, 1, 5, 20, 60],
      registers,
    }),
    alertMessages: alertMessages(registers),
    alertsNotSent: new Counter({
      name: "oee_gateway_alerts_not_sent_total",
      help: "Messages about alerts that nobody got: too late, no address, or no receiver took them.",
      registers,
    }),
    latency: new Summary({
      name: "oee_gateway_latency_seconds",
      help: "Time that events took over each hop, over the last five minutes: log, compute, gateway, emit, total.",
      labelNames: ["hop"],
      percentiles: [...QUANTILES],
      maxAgeSeconds: 300,
      ageBuckets: 2,
      registers,
    }),
  };
}

function alertMessages(registers: Registry[]): GatewayMetrics["alertMessages"] {
  const made = new Counter({
    name: "oee_gateway_alert_messages_total",
    help: "Attempts to hand a message about an alert to a receiver, by how it is reached and whether it took it.",
    labelNames: ["by", "outcome"],
    registers,
  });
  for (const by of ["email", "webhook"]) for (const outcome of ["sent", "failed"]) made.inc({ by, outcome }, 0);
  return made;
}
