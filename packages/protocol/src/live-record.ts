/**
 * What a worker says of one machine on the topic `oee.live` (key = machine id, JSON), or hands over in one process:
 * components only, so that a gateway makes KPIs of any scope by summing and the engine's formulas (P-1).
 * The machine's timeline is a record of its own (key = machine id + `#timeline`), since it changes rarely and is long.
 */
import { Type } from "typebox";
import { CATEGORY, TIMELINE_SEGMENT } from "./live-message.ts";
import { type Described, FLAG, NUMBER, orNull, TEXT } from "./schema.ts";

const WINDOW = Type.Object({
  name: TEXT,
  from: NUMBER,
  to: NUMBER,
  components: Type.Array(NUMBER, {
    description: "In the order of COMPONENT_NAMES of the model; ideal times in whole microseconds",
  }),
  plannedByTakt: Type.Array(Type.Tuple([NUMBER, NUMBER]), {
    description: "Planned time (ms) by takt (µs) in force",
  }),
});

const LATENCY_MARKS = Type.Object({
  eventAt: Type.Number({ description: "The event's own time" }),
  loggedAt: Type.Number({ description: "When the log took it" }),
  computedAt: Type.Number({ description: "When the worker had computed it" }),
});

const PART = Type.Object({ from: NUMBER, byPulse: FLAG, cycleMs: NUMBER });

/** Instants are epoch milliseconds. */
export const LIVE_RECORD = Type.Object({
  kind: Type.Literal("machine"),
  machine: TEXT,
  now: Type.Number({ description: "Up to when everything below is known (the worker's clock)" }),
  nextWithinMs: Type.Number({
    description:
      "Within so many ms the worker speaks of the machine again, though nothing comes; 0: as soon as is usual",
  }),
  plantVersion: TEXT,
  layout: Type.Optional(
    Type.String({
      description:
        "Which component each number of the windows is (ROW_LAYOUT of the model); missing: as in release 0.1.0",
    }),
  ),
  decimals: Type.Optional(
    Type.Number({
      description: "Quantities of the windows are whole numbers of 10^-decimals units (CN-5); missing: of units",
    }),
  ),
  state: TEXT,
  category: CATEGORY,
  failure: FLAG,
  minor: orNull(FLAG, { description: "Whether the stop it is in is minor so far; null: it is in none" }),
  reason: orNull(TEXT),
  since: orNull(NUMBER),
  lastEventAt: orNull(NUMBER),
  part: Type.Optional(
    orNull(PART, {
      description:
        "While it runs and its counts tell whether it does (TL-9): since its last pulse, or since it runs; whether that was a pulse; and the time that a count of 1 takes (ms). Missing or null: they do not tell",
    }),
  ),
  correctedTo: Type.Optional(
    orNull(NUMBER, {
      description:
        "Until when a correction gives the state, so that neither silence nor missing counts change it (TL-7). Missing or null: none does",
    }),
  ),
  product: orNull(TEXT),
  order: orNull(TEXT),
  idealCycleUs: orNull(NUMBER),
  taktUs: orNull(NUMBER),
  scheduled: Type.Boolean({ description: "Whether the calendar has it work now (CA-4)" }),
  windows: Type.Array(WINDOW),
  fineWindows: Type.Optional(
    Type.Array(WINDOW, {
      description:
        "In JSON, the windows of a machine with decimals; windows is empty there, so that a gateway of 0.1.0 shows none",
    }),
  ),
  corrections: Type.Array(TEXT, {
    description: "Ids of the newest corrections that have taken effect, the newest last",
  }),
  recomputing: Type.Boolean({
    description: "Whether older time is being recomputed: corrections that came meanwhile are not in corrections yet",
  }),
  doubts: Type.Optional(Type.Number({ description: "Totals that were doubted (CN-8); missing: none are" })),
  latency: orNull(LATENCY_MARKS, {
    description:
      "The way of the newest event that the record reflects: where time went from the floor to the screen; null: none came since its worker took the machine over",
  }),
});

export const TIMELINE_RECORD = Type.Object({
  kind: Type.Literal("timeline"),
  machine: TEXT,
  segments: Type.Array(TIMELINE_SEGMENT),
});

export type LiveRecord = Described<typeof LIVE_RECORD>;
export type LiveRecordWindow = Described<typeof WINDOW>;
export type LatencyMarks = Described<typeof LATENCY_MARKS>;
export type TimelineRecord = Described<typeof TIMELINE_RECORD>;

export const TIMELINE_KEY_SUFFIX = "#timeline";

/** Which machines screens show, told at each change: a worker computes them first. */
export interface ShownMachines {
  readonly machines: ReadonlySet<string>;
  /** Whether no screen shows others. Over Kafka it may: a gateway may be an older one, or have no right to tell. */
  readonly complete: boolean;
}

/** Where a gateway gets live records from: the topic `oee.live`, or the worker of its own process. */
export interface LiveSource {
  /**
   * Calls back with every record known already, then with each new one; answers how to stop. `onPassedOver` is called for
   * each record that cannot be read, where records come from a topic.
   */
  subscribe(listener: (record: LiveRecord | TimelineRecord) => void, onPassedOver?: () => void): () => void;
  /** Told by the gateway which machines its screens show, at each change. */
  show(machines: ReadonlySet<string>): void;
  /** Told by the gateway just before a screen takes what is known of a machine; a record that comes meanwhile is taken. Missing: nobody would do anything about it, as over Kafka. */
  taking?(machine: string): void;
  /** Calls back with a machine of a screen of which events wait until a screen takes it; answers how to stop. */
  onWaiting?(listener: (machine: string) => void): () => void;
}

/** Where a worker puts live records, and hears from what becomes of them. */
export interface LiveSink {
  /** The records are data: nothing changes them any more. */
  publish(records: readonly (LiveRecord | TimelineRecord)[]): void;
  /**
   * Puts records of which an earlier owner published like ones where they are not known, as in a process that has just begun. Missing:
   * whoever reads them has those of before.
   */
  recall?(records: readonly (LiveRecord | TimelineRecord)[]): void;
  /** Calls back at once, then at each change; answers how to stop. */
  onShown(listener: (shown: ShownMachines) => void): () => void;
  /**
   * Calls back just before a screen takes what is known of a machine, with what the call publishes; answers how to stop. Missing: nobody
   * tells, as over Kafka.
   */
  onTaking?(listener: (machine: string) => void): () => void;
  /** Tells of a machine of a screen that its events wait for `onTaking`. Where it is missing, nothing waits for that first. */
  waits?(machine: string): void;
}
