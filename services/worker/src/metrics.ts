/** The worker's metrics, all in one place; `docs/metrics.md` is held to this list by a test. */
import { UNREADABLE_REASONS } from "@oee/event-log";
import { FURTHER_FIELDS, REFUSAL_CODES } from "@oee/model";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { MISPLACEMENTS } from "./hand-over.ts";

/** `transaction`: records wait behind an open transaction; `store`: writing fails or is too slow; `reading`: neither. */
export const STALL_CAUSES = ["transaction", "store", "reading"] as const;

export type StallCause = (typeof STALL_CAUSES)[number];

const EVENT_TYPES = ["state", "count", "total", "job", "correction"];
/** As they are written: a total is a count there. */
const UNKNOWN_FIELD_TYPES = EVENT_TYPES.filter((type) => type !== "total");
const LATENCY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

interface Observed {
  observe(value: number): void;
}

export interface WorkerMetrics {
  readonly events: Counter<"type">;
  readonly repeats: Counter;
  readonly late: Counter;
  readonly unknownFields: Counter<"type" | "field">;
  readonly deadLetters: Counter<"error">;
  readonly unreadableBatches: Counter<"reason">;
  readonly handedOver: Counter<"cause">;
  readonly rowsStored: Counter;
  readonly stopsStored: Counter;
  readonly storeFailures: Counter;
  readonly recomputes: Counter;
  readonly recomputesCutShort: Counter;
  readonly recordsAside: Counter;
  readonly machinesAside: Gauge;
  readonly waitingEvents: Gauge;
  readonly machines: Gauge;
  readonly machinesShown: Gauge;
  readonly lag: Gauge<"partition">;
  readonly stalled: Gauge<"cause">;
  readonly topicPartitions: Gauge<"of">;
  readonly doubtedTotals: Gauge<"machine">;
  readonly eventToLog: Observed;
  readonly logToComputed: Observed;
  readonly plantRefused: Counter;
  readonly eventsReplaced: Gauge;
}

export function workerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  /** Each value of its label begins at 0: `increase()` sees nothing of a series that begins with what it counted. */
  const counterBy = <L extends string>(name: string, help: string, label: L, values: readonly string[]): Counter<L> => {
    const made = new Counter({ name, help, labelNames: [label], registers });
    for (const value of values) made.inc({ [label]: value } as Record<L, string>, 0);
    return made;
  };
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name, help, labelNames, registers });
  const latency = new Histogram({
    name: "oee_worker_latency_seconds",
    help: "Way of the newest events of machines, a sample: event_to_log, log_to_computed",
    labelNames: ["hop"],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const unknownFields = new Counter({
    name: "oee_worker_unknown_fields_total",
    help: "Fields of accepted events that mean nothing to us and are passed over, by the event's type and name",
    labelNames: ["type", "field"],
    registers,
  });
  for (const type of UNKNOWN_FIELD_TYPES) unknownFields.inc({ type, field: FURTHER_FIELDS }, 0);
  return {
    events: counterBy("oee_worker_events_total", "Events accepted, by type", "type", EVENT_TYPES),
    repeats: counter("oee_worker_repeated_events_total", "Events ignored because their id was known (CN-4)"),
    late: counter(
      "oee_worker_late_events_total",
      "Events older than allowed lateness, or than the last change of the plant file, recomputed from the store (DI-1)",
    ),
    unknownFields,
    deadLetters: counterBy("oee_worker_dead_letters_total", "Events refused, by error code (DI-2)", "error", [
      ...REFUSAL_CODES,
      "unreadable",
    ]),
    unreadableBatches: counterBy(
      "oee_worker_unreadable_batches_total",
      "Record batches of events that cannot be read, by reason",
      "reason",
      UNREADABLE_REASONS,
    ),
    handedOver: counterBy(
      "oee_worker_handed_over_events_total",
      "Events found in another partition than their machine's and appended to it, by cause",
      "cause",
      MISPLACEMENTS,
    ),
    rowsStored: counter("oee_worker_rows_stored_total", "Minute rows acknowledged by the store"),
    stopsStored: counter("oee_worker_stop_segments_stored_total", "Stop segments acknowledged by the store"),
    storeFailures: counter(
      "oee_worker_store_failures_total",
      "Writes to the store or the log that failed and are repeated",
    ),
    recomputes: counter("oee_worker_recomputes_total", "Machines recomputed from stored events"),
    recomputesCutShort: counter(
      "oee_worker_recomputes_cut_short_total",
      "Recomputes that could not go back as far as an event bears, because older raw events are gone",
    ),
    recordsAside: counter(
      "oee_worker_records_set_aside_total",
      "Rows, stops and events that the store refused for what they are, left out so that all others are stored",
    ),
    machinesAside: gauge(
      "oee_worker_machines_set_aside",
      "Machines of which something is not computed or not stored; readiness names them",
    ),
    waitingEvents: gauge("oee_worker_waiting_events", "Raw events that wait for the store"),
    machines: gauge("oee_worker_machines", "Machines that this worker owns"),
    machinesShown: gauge("oee_worker_machines_shown", "Machines that screens are known to show, of all workers"),
    lag: gauge("oee_worker_lag_records", "Records of the partition not read yet, asked of the log", ["partition"]),
    stalled: stalledGauge(registers),
    topicPartitions: gauge(
      "oee_worker_topic_partitions",
      "Partitions of the events topic, and those over which machines are dealt",
      ["of"],
    ),
    doubtedTotals: gauge(
      "oee_worker_doubted_totals",
      "Totals of a machine with maxRatePerHour that it cannot have made, since it was computed from its events (CN-8)",
      ["machine"],
    ),
    eventToLog: latency.labels("event_to_log"),
    logToComputed: latency.labels("log_to_computed"),
    plantRefused: counter("oee_worker_plant_files_refused_total", "Changed plant files that were not taken up"),
    eventsReplaced: gauge(
      "oee_worker_events_topic_replaced",
      "1: the events topic was deleted and made anew, and nothing is stored until the process is started again",
    ),
  };
}

function stalledGauge(registers: Registry[]): Gauge<"cause"> {
  const stalled = new Gauge({
    name: "oee_worker_stalled_partitions",
    help: "Partitions that have records and make no progress, by cause",
    labelNames: ["cause"],
    registers,
  });
  for (const cause of STALL_CAUSES) stalled.set({ cause }, 0);
  return stalled;
}
