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
  readonly state: string;
  readonly category: Category;
  readonly failure: boolean;
  /** Whether the stop it is in is minor so far; `null`: it is in none. */
  readonly minor: boolean | null;
  readonly reason: string | null;
  readonly since: number | null;
  readonly lastEventAt: number | null;
  readonly product: string | null;
  readonly order: string | null;
  readonly idealCycleUs: number | null;
  readonly taktUs: number | null;
  /** Whether the calendar has it work now (CA-4). */
  readonly scheduled: boolean;
  readonly windows: readonly LiveRecordWindow[];
  /** Ids of the newest corrections that have taken effect, the newest last. */
  readonly corrections: readonly string[];
  /** Whether older time is being recomputed: corrections that came meanwhile are not in `corrections` yet. */
  readonly recomputing: boolean;
  /** Of the newest event that it reflects; `null` before the first. */
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

/** How live records reach gateways: by the topic between processes, directly within one. */
export interface LiveSource {
  /**
   * Calls back with every record known already, then with each new one; answers how to stop. `isShown` says whether a display
   * shows a machine at the moment.
   */
  subscribe(listener: (record: LiveRecord | TimelineRecord) => void, isShown: (machine: string) => boolean): () => void;
}

export interface LiveSink {
  publish(records: readonly (LiveRecord | TimelineRecord)[]): void;
  /** Whether a display shows a machine at the moment, for what is on a screen comes first; `null`: nobody knows. */
  isShown(machine: string): boolean | null;
}
