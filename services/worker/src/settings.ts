import { MAX_FUTURE_MS_DEFAULT, MAX_PAST_MS_DEFAULT } from "@oee/model";

/** The settings of a worker, with their defaults. Durations in milliseconds. */
export interface WorkerSettings {
  readonly groupId: string;
  /** How far behind the newest event of its machine an event may be and still be placed at once (DI-1). */
  readonly allowedLatenessMs: number;
  /** How far ahead of the clock an event may lie (DI-2). */
  readonly maxFutureMs: number;
  /** How far behind the clock an event may lie (DI-2), where its record has no `max-past` header. */
  readonly maxPastMs: number;
  /** Delay from an event of a machine on a screen to its computation and live record. */
  readonly computeEveryMs: number;
  /** The same delay of a machine on no screen, at least. */
  readonly calmEveryMs: number;
  /** A partition with this many records to read is catching up, until it has read all: its machines are computed in steps of 5 minutes. */
  readonly catchingUpFrom: number;
  /** Machines without events are computed this often; with thousands of them, less often. */
  readonly idleEveryMs: number;
  /** Rows, stops and raw events are written to the store this often, at most. */
  readonly storeEveryMs: number;
  /** A changed machine is checkpointed this often; a restart reads the log from the oldest event that no checkpoint includes. */
  readonly checkpointEveryMs: number;
  /** How long checkpoints may take when partitions are handed over or the worker ends; machines left out are read again. */
  readonly endWithinMs: number;
  /** Number of raw events that may wait for the store before reading stops. */
  readonly waitingEventsMax: number;
  /** What happens to a batch of records that cannot be read: it goes to the dead letters as it is, or its partition stops at it. */
  readonly unreadableBatches: "dead-letter" | "stop";
  /** The log is asked this often where its partitions end. */
  readonly watchEveryMs: number;
  /** A partition with records to read whose position has not moved for this long is stalled: the worker is not ready. */
  readonly stalledAfterMs: number;
  /** Number of segments of a machine's timeline that are kept for displays. */
  readonly timelineSegmentsMax: number;
}

export const WORKER_DEFAULTS: WorkerSettings = {
  groupId: "oee-worker",
  allowedLatenessMs: 3_600_000,
  maxFutureMs: MAX_FUTURE_MS_DEFAULT,
  maxPastMs: MAX_PAST_MS_DEFAULT,
  computeEveryMs: 10,
  calmEveryMs: 1_000,
  catchingUpFrom: 10_000,
  idleEveryMs: 5_000,
  storeEveryMs: 1_000,
  checkpointEveryMs: 30_000,
  endWithinMs: 5_000,
  waitingEventsMax: 200_000,
  unreadableBatches: "dead-letter",
  watchEveryMs: 5_000,
  stalledAfterMs: 30_000,
  timelineSegmentsMax: 400,
};
