/**
 * Makes the checkpoints of machines that changed, so many at a time that every machine has its turn within
 * `checkpointEveryMs`; while a partition catches up, as many as take 5 % of the event loop's time.
 */
import type { AppendRecord, Topics } from "@oee/event-log";
import { GiveWay, type Scheduler } from "@oee/pacing";
import type { Logger } from "pino";
import { CheckpointRoom, encodeCheckpoint } from "./checkpoint.ts";
import type { Computing } from "./computing.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { OwnedPartition } from "./partition.ts";
import type { Partitions } from "./partitions.ts";
import type { WorkerSettings } from "./settings.ts";

export interface CheckpointingParts {
  readonly topics: Topics;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly settings: WorkerSettings;
  readonly partitions: Partitions;
  readonly computing: Computing;
}

const CHECKPOINTS_MIN = 20;
/** Bytes kept free for the key in a checkpoint's record. */
const KEY_BYTES = 1024;
/** The key under which a machine's checkpoint is set aside when it is too large for a record. */
const CHECKPOINT = "checkpoint";
/** Bytes of a partition's checkpoints that one write makes at most, because they wait in memory for rows and events to be written. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;
/** The share of the event loop's time that checkpoints may take while a partition catches up; they bound what a crash has read again. */
const CATCHING_UP_SHARE = 0.05;
/** Checkpoints are made at this multiple of the rate that all machines need within `checkpointEveryMs`. */
const SPARE = 1.25;
/** Number of checkpoints over which their time is averaged. */
const AVERAGED_OVER = 100;

export class Checkpointing {
  readonly #parts: CheckpointingParts;
  /** Time (ms) that one checkpoint takes to make, as a moving average. */
  #tookMs = 0;

  constructor(parts: CheckpointingParts) {
    this.#parts = parts;
  }

  /** Whether a machine lacks a checkpoint that could be made. */
  get lacks(): boolean {
    for (const { runners } of this.#parts.partitions) {
      for (const { checkpoint, aside } of runners.values()) {
        if (checkpoint.lacksFrom !== null && !aside.has(CHECKPOINT)) return true;
      }
    }
    return false;
  }

  /**
   * Makes checkpoints of a partition's changed machines, in slices. They are made before rows and events are taken for the write, so
   * that what is stored includes at least the events that they include. How many a call makes:
   *
   * - as many as let every machine have its turn, where a call comes each `turnMs` (ms);
   * - of a partition that has just caught up all that it lacks, up to 8 MiB, once all up to there is stored: history has it sooner,
   *   and only a crash in between has it read again;
   * - with `until` (ms of the monotonic clock) every changed one, up to that instant.
   */
  async make(owned: OwnedPartition, turnMs: number, until: number | null): Promise<AppendRecord[]> {
    const { scheduler } = this.#parts;
    const everyMs = this.#everyMs(owned);
    const now = scheduler.elapsed();
    const inTime = (owned.runners.size * turnMs) / everyMs;
    const turn = Math.max(CHECKPOINTS_MIN, Math.ceil(SPARE * inTime));
    const made: AppendRecord[] = [];
    let bytes = 0;
    const { checkpointBefore } = owned;
    const storesFirst = until === null && owned.storedTo < checkpointBefore;
    const giveWay = new GiveWay(scheduler);
    const room = new CheckpointRoom();
    for (const runner of owned.runners.values()) {
      const { lacksFrom, triedAt } = runner.checkpoint;
      if (lacksFrom === null) continue;
      if (bytes > BYTES_AT_ONCE || (until !== null && scheduler.elapsed() > until)) return made;
      const due = until !== null || (lacksFrom < checkpointBefore && !storesFirst);
      if (!due && (made.length >= turn || now - triedAt < everyMs)) continue;
      const began = scheduler.elapsed();
      const value = this.#encode(owned, runner, now);
      if (value === null) continue;
      made.push({ key: runner.id, value: room.keep(value), partition: owned.partition });
      bytes += value.length;
      this.#tookMs += (scheduler.elapsed() - began - this.#tookMs) / AVERAGED_OVER;
      if (giveWay.due) await giveWay.now();
    }
    if (!storesFirst) owned.checkpointed();
    return made;
  }

  /** A machine's checkpoint; `null`: none can be made now. */
  #encode(owned: OwnedPartition, runner: MachineRunner, now: number): Uint8Array | null {
    const { computing, topics, scheduler, logger } = this.#parts;
    // An engine made from the checkpoint takes back only rows and stops that the checkpoint knows of.
    const computed = computing.computeOne(owned, runner);
    // A checkpoint lists corrections as stored, so none is made before a correction is in the rows.
    if (runner.correcting) return null;
    const { epoch, last } = owned.stamps;
    runner.checkpoint.tries(now);
    const value = encodeCheckpoint(runner.snapshot(epoch, owned.taken));
    const bytesMax = topics.checkpoints.recordBytesMax - KEY_BYTES;
    if (value.length > bytesMax) {
      // The machine stays marked as changed: a restart reads its events again from the newest checkpoint that fitted.
      const why = `its checkpoint has ${value.length} bytes, more than ${bytesMax}`;
      if (runner.aside.size === 0) logger.error({ code: "OEE_WORKER_SET_ASIDE", machine: runner.id }, why);
      runner.aside.add(CHECKPOINT, scheduler.now(), why);
      return null;
    }
    runner.aside.stored(CHECKPOINT);
    // Rows stored up to the last stamp include no later event than this checkpoint; rows of the next stamp may. Rows and stops
    // of steps to come are stored with it and are not in it: they do not follow from it.
    runner.checkpoint.made(epoch, last, computed ? null : Math.max(0, owned.position - 1));
    return value;
  }

  #everyMs(owned: OwnedPartition): number {
    const { settings, partitions } = this.#parts;
    const { checkpointEveryMs } = settings;
    if (!owned.catchingUp) return checkpointEveryMs;
    return Math.max(checkpointEveryMs, (partitions.machines * this.#tookMs) / CATCHING_UP_SHARE);
  }
}
