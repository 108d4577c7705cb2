/**
 * What a worker says of one machine on the topic `oee.live` (key = machine id, JSON), or hands over in one process:
 * components only, so that a gateway makes KPIs of any scope by summing and the engine's formulas (P-1).
 * The machine's timeline is a record of its own (key = machine id + `#timeline`), since it changes rarely and is long.
 */
import type { Category } from "@oee/model";
import type { TimelineSegment } from "./live.ts";

export interface LiveRecord {
  readonly kind: "machine";
  readonly machine: string;
  /** The instant up to which everything below is known (the worker's clock, epoch ms). */
  readonly now: number;
  /** Within so many ms the worker speaks of the machine again, though nothing comes; 0: as soon as is usual. */
  readonly nextWithinMs: number;
  readonly plantVersion: string;
  /** Which component each number of the windows is (`ROW_LAYOUT` of the model); missing: as in release 0.1.0. */
  readonly layout?: string;
  /** Quantities of the windows are whole numbers of `10^-decimals` units (CN-5); missing: of units. */
  readonly decimals?: number;
  readonly state: string;
  readonly category: Category;
  readonly failure: boolean;
  /** Whether the stop it is in is minor so far; `null`: it is in none. */
  readonly minor: boolean | null;
  readonly reason: string | null;
  readonly since: number | null;
  readonly lastEventAt: number | null;
  /**
   * While it runs and its counts tell whether it does (TL-9): since its last pulse, or since it runs; whether that was a
   * pulse; and the time that a count of 1 takes (ms). Missing or `null`: they do not tell.
   */
  readonly part?: { readonly from: number; readonly byPulse: boolean; readonly cycleMs: number } | null;
  readonly product: string | null;
  readonly order: string | null;
  readonly idealCycleUs: number | null;
  readonly taktUs: number | null;
  /** Whether the calendar has it work now (CA-4). */
  readonly scheduled: boolean;
  readonly windows: readonly LiveRecordWindow[];
  /** In JSON, the windows of a machine with decimals; `windows` is empty there, so that a gateway of 0.1.0 shows none. */
  readonly fineWindows?: readonly LiveRecordWindow[];
  /** Ids of the newest corrections that have taken effect, the newest last. */
  readonly corrections: readonly string[];
  /** Whether older time is being recomputed: corrections that came meanwhile are not in `corrections` yet. */
  readonly recomputing: boolean;
  /** Totals that were doubted (CN-8); missing: none are. */
  readonly doubts?: number;
  /** Instants of the newest event that the record reflects; `null`: none came since its worker took the machine over. */
  readonly latency: LatencyMarks | null;
}

export interface LiveRecordWindow {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** In the order of `COMPONENT_NAMES` of the model; ideal times in whole microseconds. */
  readonly components: readonly number[];
  /** Planned time (ms) by takt (µs) in force. */
  readonly plannedByTakt: readonly (readonly [number, number])[];
}

/** The way of the newest event that this record reflects: where time went from the floor to the screen (epoch ms). */
export interface LatencyMarks {
  /** The event's own time. */
  readonly eventAt: number;
  /** When the log took it. */
  readonly loggedAt: number;
  /** When the worker had computed it. */
  readonly computedAt: number;
}

export interface TimelineRecord {
  readonly kind: "timeline";
  readonly machine: string;
  readonly segments: readonly TimelineSegment[];
}

export const TIMELINE_KEY_SUFFIX = "#timeline";

/** Where a gateway gets live records from: the topic `oee.live`, or the worker of its own process. */
export interface LiveSource {
  /**
   * Calls back with every record known already, then with each new one; answers how to stop. `isShown` says whether a display
   * shows a machine at the moment.
   */
  subscribe(listener: (record: LiveRecord | TimelineRecord) => void, isShown: (machine: string) => boolean): () => void;
}

export interface LiveSink {
  publish(records: readonly (LiveRecord | TimelineRecord)[]): void;
  /** Whether a screen shows a machine now, so that the worker computes it first; `null`: not known, as over Kafka. */
  isShown(machine: string): boolean | null;
}
