import { MAX_PAST_MS_DEFAULT } from "@oee/model";

/** What can be set of a worker, with its defaults. Durations in milliseconds. */
export interface WorkerSettings {
  readonly groupId: string;
  /** How far behind the newest event of its machine an event may be and still be placed at once (DI-1). */
  readonly allowedLatenessMs: number;
  /** How far ahead of the clock an event may lie (DI-2). */
  readonly maxFutureMs: number;
  /** How far behind it (DI-2), where the record does not name its own. */
  readonly maxPastMs: number;
  /** After events of a machine on a screen came, so long until they are computed and shown. */
  readonly computeEveryMs: number;
  /** The same of the machines that nobody looks at. */
  readonly calmEveryMs: number;
  /** Machines without events are moved on in time so often. */
  readonly idleEveryMs: number;
  /** Rows, stops and raw events go to the store so often. */
  readonly storeEveryMs: number;
  /** A changed machine is checkpointed so often; a restart reads the log again from the oldest. */
  readonly checkpointEveryMs: number;
  /** Raw events that may wait for the store before reading stops. */
  readonly waitingEventsMax: number;
  /** A batch of records that cannot be read goes to the dead letters as it is, or its partition stops at it. */
  readonly unreadableBatches: "dead-letter" | "stop";
  /** The log is asked so often where its partitions end. */
  readonly watchEveryMs: number;
  /** A partition that has records and makes no progress for so long is stalled: the worker is not ready, and says why. */
  readonly stalledAfterMs: number;
  /** Segments of a machine's timeline that are kept for displays. */
  readonly timelineSegmentsMax: number;
}

export const WORKER_DEFAULTS: WorkerSettings = {
  groupId: "oee-worker",
  allowedLatenessMs: 3_600_000,
  maxFutureMs: 300_000,
  maxPastMs: MAX_PAST_MS_DEFAULT,
  computeEveryMs: 25,
  calmEveryMs: 1_000,
  idleEveryMs: 5_000,
  storeEveryMs: 1_000,
  checkpointEveryMs: 30_000,
  waitingEventsMax: 200_000,
  unreadableBatches: "dead-letter",
  watchEveryMs: 5_000,
  stalledAfterMs: 30_000,
  timelineSegmentsMax: 400,
};
