/**
 * Writes what the partitions have waiting, in this order: rows, stops and raw events to the store, checkpoints to the
 * log, then the offsets of the consumer group. A partition's offset is committed up to the oldest event that no
 * checkpoint includes. A write that fails is retried, 0.2 s to 10 s apart, until it works or the worker ends.
 */
import { type AppendRecord, type EventLog, type GroupConsumer, messageOf, type Topics } from "@oee/event-log";
import { RowBatch, type StopSegment } from "@oee/model";
import { type Cancel, GiveWay, restAfter, retryForEver, type Scheduler, sleepBy } from "@oee/pacing";
import { EventBatch, type Stamp, type StopKey, type Store, type StoreError } from "@oee/store";
import type { Logger } from "pino";
import { encodeCheckpoint } from "./checkpoint.ts";
import type { Computing } from "./computing.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import { reconcile } from "./reconcile.ts";
import { storeApart } from "./store-apart.ts";
import type { WorkerSettings } from "./settings.ts";

export interface StoringParts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly settings: WorkerSettings;
  readonly computing: Computing;
  readonly owned: () => Iterable<OwnedPartition>;
  readonly plantVersion: () => string;
  readonly consumer: () => GroupConsumer | null;
  /** Asks the cold path to look for machines to be recomputed. */
  readonly recomputeSoon: () => void;
}

const RETRIED = { firstDelayMs: 200, delayMsMax: 10_000 };
const CHECKPOINTS_MIN = 20;
/** Bytes kept free for the key in a checkpoint's record. */
const CHECKPOINT_KEY_BYTES = 1024;
/** The key under which a machine's checkpoint is set aside when it is too large for a record. */
const CHECKPOINT = "checkpoint";
/** Bytes of raw events that may wait for the store before reading stops; one event has up to 1 MiB. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes of a partition's checkpoints that one write makes at most, because they wait in memory for rows and events to be written. */
const CHECKPOINT_BYTES_AT_ONCE = 8 * 1024 * 1024;
/** The share of the event loop's time that checkpoints may take while a partition catches up; they bound what a crash has read again. */
const CATCHING_UP_SHARE = 0.05;
/** Checkpoints are made at this multiple of the rate that all machines need within `checkpointEveryMs`. */
const CHECKPOINTS_SPARE = 1.25;
/** The pause between writes is cut short when this share of `waitingEventsMax` waits: large inserts cost the store less. */
const REST_WAITING_SHARE = 0.5;
/** Pauses between searches for lost versions that find none; after the last search the partition's lost versions are forgotten. */
const LOST_LOOKED_FOR_AFTER_MS = [5_000, 30_000, 120_000, 600_000];

/** Rows of a partition that may wait for the store before the pause between writes is left out. */
const PENDING_ROWS_MAX = 50_000;
/** Number of checkpoints over which their time is averaged. */
const AVERAGED_OVER = 100;
/** The pause between writes where no events came. */
const QUIET_REST_MS = 15_000;

/** What one write takes from one partition. */
interface Taken {
  readonly owned: OwnedPartition;
  /** The partition's rows are those at `[firstRow, endRow)` of the batch written. */
  readonly firstRow: number;
  readonly endRow: number;
  readonly stops: readonly StopSegment[];
  readonly gone: readonly StopKey[];
  readonly checkpoints: readonly AppendRecord[];
  /** Every event before this offset is stored once this write is. */
  readonly to: number;
  readonly corrected: readonly { readonly runner: MachineRunner; readonly ids: readonly string[] }[];
  readonly committable: number;
  readonly soundTo: bigint;
  readonly stamp: Stamp;
}

/** A record that the store refused. */
interface AsideRecord {
  readonly machine: string;
  /** Unique among the records of a machine. */
  readonly key: string;
  /** The first instant that it speaks of (epoch ms). */
  readonly at: number;
  readonly error: StoreError;
}

export class Storing {
  readonly #parts: StoringParts;
  /** Buffers of the write under way, emptied and filled again: new ones of this size would keep the garbage collector busy. */
  readonly #rows = new RowBatch();
  #events = new EventBatch();
  /** Raw events of all partitions that wait for the next write; the two change places. */
  #arriving = new EventBatch();
  #timer: Cancel | null = null;
  #storing: Promise<void> | null = null;
  #failing: string | null = null;
  #waiting = 0;
  #beganAt = 0;
  #storedAt = 0;
  /** Time (ms) from the beginning of the last write but one to that of the last. */
  #turnMs = 0;
  /** Time (ms) that one checkpoint takes to make, as a moving average. */
  #checkpointMs = 0;
  #hurried = false;
  #wake: (() => void)[] = [];
  #closed = false;
  #abandoned = false;

  constructor(parts: StoringParts) {
    this.#parts = parts;
  }

  /** Begins to write by itself, every `storeEveryMs`. */
  start(): void {
    const { scheduler, settings } = this.#parts;
    this.#timer = scheduler.every(settings.storeEveryMs, () => void this.#soon());
  }

  /** Why writes fail at the moment, in a sentence; `null`: they do not. */
  get failing(): string | null {
    return this.#failing;
  }

  /** Number of raw events that wait for the store. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Where events that arrive are added; say how many with `add`. */
  get arriving(): EventBatch {
    return this.#arriving;
  }

  /** Adds to the number of raw events that wait; negative when they were stored. */
  add(events: number): void {
    this.#waiting += events;
    this.#parts.metrics.waitingEvents.set(this.#waiting);
    if (events > 0 && this.#waiting > REST_WAITING_SHARE * this.#parts.settings.waitingEventsMax) void this.#soon();
  }

  /** Skips the pause before the next write, because somebody waits for it. */
  hurry(): void {
    this.#hurried = true;
  }

  /** Resolves when fewer events and bytes wait than reading stops at. */
  async room(): Promise<void> {
    while (this.#isFull() && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #isFull(): boolean {
    if (this.#waiting > this.#parts.settings.waitingEventsMax) return true;
    return this.#events.rawLength + this.#arriving.rawLength > WAITING_BYTES_MAX;
  }

  /**
   * Writes what waits, after the write under way. `all`: every changed machine is checkpointed, and the commit is marked as
   * an end in order; what `endWithinMs` does not allow is left out, so that the log is read again from there.
   */
  async store(all: boolean): Promise<void> {
    while (this.#storing !== null) await this.#storing.catch(() => undefined);
    const now = this.#parts.scheduler.elapsed();
    this.#turnMs = now - this.#beganAt;
    this.#beganAt = now;
    this.#hurried = false;
    this.#storing = all ? this.#everything(now + this.#parts.settings.endWithinMs) : this.#once(null);
    try {
      await this.#storing;
    } finally {
      this.#storing = null;
      this.#storedAt = this.#parts.scheduler.elapsed();
    }
  }

  /** Writes until every changed machine has its checkpoint, or until an instant of the monotonic clock (ms). */
  async #everything(until: number): Promise<void> {
    do await this.#once(until);
    while (this.#lacksCheckpoints() && this.#parts.scheduler.elapsed() < until && !this.#abandoned);
  }

  #lacksCheckpoints(): boolean {
    for (const { runners } of this.#parts.owned()) {
      for (const { changedSince, aside } of runners.values()) {
        if (changedSince !== null && !aside.has(CHECKPOINT)) return true;
      }
    }
    return false;
  }

  /** Stops writing, as a crash would: the write under way ends before its next step where it can. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** No write begins by itself after this, and a failed one is not retried. */
  close(): void {
    this.#closed = true;
    this.#timer?.();
    this.#release();
  }

  async idle(): Promise<void> {
    await this.#storing?.catch(() => undefined);
  }

  /** Runs `work` again, 0.2 s to 10 s later, until it resolves; rejects only after `close`. `what` completes "cannot …". */
  async untilDone(what: string, work: () => Promise<void>): Promise<void> {
    const { scheduler, metrics, logger } = this.#parts;
    const onFailure = (error: unknown): void => {
      metrics.storeFailures.inc();
      this.#failing = `cannot ${what}: ${messageOf(error)}`;
      logger.error({ err: error }, `cannot ${what}; trying again`);
      if (this.#closed) throw error;
    };
    await retryForEver(work, onFailure, sleepBy(scheduler), RETRIED);
    this.#failing = null;
  }

  async #soon(): Promise<void> {
    if (this.#storing !== null || this.#closed) return;
    if (this.#parts.scheduler.elapsed() - this.#storedAt < this.#restMs()) return;
    await this.store(false).catch((error: unknown) => this.#parts.logger.error({ err: error }, "storing failed"));
  }

  #restMs(): number {
    for (const owned of this.#parts.owned()) {
      // A machine that catches up with years fills memory, and waits for the write.
      if (this.#lostIsDue(owned) || owned.pending.size > PENDING_ROWS_MAX) return 0;
      // It has just caught up, and a crash would have all of it read again.
      if (owned.checkpointBefore > 0) return restAfter(this.#storedAt - this.#beganAt);
    }
    // Without events rows change only by time: writing them rarely saves the store many small inserts.
    if (this.#waiting === 0) return this.#hurried ? 0 : QUIET_REST_MS;
    const { waitingEventsMax } = this.#parts.settings;
    if (this.#hurried || this.#waiting > REST_WAITING_SHARE * waitingEventsMax) return 0;
    return restAfter(this.#storedAt - this.#beganAt);
  }

  /** One write. `until`: it is one of the last, and makes checkpoints of all machines up to this instant of the monotonic clock (ms). */
  async #once(until: number | null): Promise<void> {
    const all = until !== null;
    const { log, topics, metrics, computing, settings } = this.#parts;
    const taken: Taken[] = [];
    this.#rows.clear();
    this.#events.clear();
    for (const owned of [...this.#parts.owned()]) {
      await computing.computeMostOf(owned);
      taken.push(this.#take(owned, await this.#checkpointsOf(owned, until)));
    }
    if (this.#abandoned) return;
    // All that the parts taken include, and what came since.
    [this.#events, this.#arriving] = [this.#arriving, this.#events];
    await this.#write(taken);
    for (const { owned, to, corrected, firstRow, endRow, stops, stamp } of taken) {
      owned.storedTo = to;
      if (endRow > firstRow || stops.length > 0) owned.storedVersion = stamp.version;
      for (const { runner, ids } of corrected) {
        runner.confirmCorrections(ids);
        owned.touched.add(runner);
        owned.urgent.add(runner);
      }
      if (corrected.length > 0) computing.soon();
      metrics.rowsStored.inc(endRow - firstRow);
      metrics.stopsStored.inc(stops.length);
    }
    this.add(-this.#events.length);
    this.#events.clear();
    this.#release();
    for (const { owned, checkpoints, committable, soundTo } of taken) {
      if (checkpoints.length > 0) {
        await this.untilDone("write checkpoints", () => log.append(topics.checkpoints.name, checkpoints));
      }
      const behind =
        soundTo > owned.soundTo && this.#parts.scheduler.elapsed() - owned.committedAt >= settings.checkpointEveryMs;
      owned.soundTo = soundTo;
      const clean = all && !changed(owned);
      if (committable > owned.committed || behind || all) await this.#commit(owned, committable, clean);
      if (!all && this.#lostIsDue(owned)) await this.lookForLost(owned);
    }
  }

  #lostIsDue(owned: OwnedPartition): boolean {
    return owned.lost.length > 0 && owned.caughtUp && this.#parts.scheduler.elapsed() >= owned.lookForLostAt;
  }

  /**
   * Searches the store for rows under lost versions and mends them (`reconcile.ts`); `true`: there were some. The search is
   * repeated for some minutes, because an owner that lost the partition without knowing may still write.
   */
  async lookForLost(owned: OwnedPartition): Promise<boolean> {
    const { store, logger, recomputeSoon } = this.#parts;
    if (owned.lost.length === 0) return false;
    const due = this.#lostIsDue(owned);
    const found = await reconcile(store, owned, logger);
    if (found) {
      owned.lookedForLost = 0;
      this.#hurried = true;
      recomputeSoon();
    }
    // Who asks in between does not shorten the time for which it is searched.
    if (!found && !due) return false;
    const wait = LOST_LOOKED_FOR_AFTER_MS[owned.lookedForLost++];
    if (wait === undefined) owned.lost = [];
    else owned.lookForLostAt = this.#parts.scheduler.elapsed() + wait;
    return found;
  }

  /** Takes what waits in a partition: rows that include every event taken so far, and every event of the checkpoints. */
  #take(owned: OwnedPartition, checkpoints: readonly AppendRecord[]): Taken {
    this.#parts.computing.computeDueOf(owned);
    const firstRow = this.#rows.length;
    const { stops, gone } = owned.pending.moveTo(this.#rows);
    const stamp = owned.stamps.next(this.#parts.plantVersion());
    return {
      owned,
      firstRow,
      endRow: this.#rows.length,
      stops,
      gone,
      checkpoints,
      to: owned.taken,
      corrected: [...owned.runners.values()]
        .map((runner) => ({ runner, ids: runner.drainComputedCorrections() }))
        .filter(({ ids }) => ids.length > 0),
      committable: owned.committable,
      soundTo: owned.soundBelow(stamp.version),
      stamp,
    };
  }

  /** Writes the parts of all partitions by one insert a table, because many small inserts cost ClickHouse more. */
  async #write(taken: readonly Taken[]): Promise<void> {
    const { store } = this.#parts;
    const [first] = taken;
    if (first === undefined) return;
    const rows = this.#rows;
    const events = this.#events;
    const stops = taken.flatMap((part) => part.stops);
    const gone = taken.flatMap((part) => part.gone);
    const stamps = new Map<string, Stamp>();
    for (const part of taken) {
      for (let row = part.firstRow; row < part.endRow; row++) stamps.set(rows.headAt(row).machine, part.stamp);
      for (const of of [part.stops, part.gone]) for (const { machine } of of) stamps.set(machine, part.stamp);
    }
    const stampOf = (machine: string): Stamp => stamps.get(machine) ?? first.stamp;
    const aside: AsideRecord[] = [];
    await this.untilDone("write to the store", async () => {
      aside.length = 0;
      for (const refused of await storeApart(rows, (some) => store.insertRows(some, stampOf))) {
        for (let row = refused.from; row < refused.to; row++) aside.push({ ...rowAt(rows, row), error: refused.error });
      }
      if (stops.length === 0 && gone.length > 0) await store.insertStops([], stampOf, gone);
      for (const refused of await storeApart(stops, (some) => store.insertStops(some, stampOf, gone))) {
        for (const { machine, from } of stops.slice(refused.from, refused.to))
          aside.push({ machine, key: `stop ${from}`, at: from, error: refused.error });
      }
      for (const refused of await storeApart(events, (some) => store.insertEvents(some))) {
        for (let event = refused.from; event < refused.to; event++)
          aside.push({ ...events.placeAt(event), error: refused.error });
      }
    });
    this.#note(taken, aside);
  }

  /** Forgets records set aside before that are stored now, and notes and logs those that the store just refused. */
  #note(taken: readonly Taken[], aside: readonly AsideRecord[]): void {
    const { metrics, logger } = this.#parts;
    let machines = 0;
    for (const { owned, firstRow, endRow, stops } of taken) {
      let some = false;
      for (const runner of owned.runners.values()) if (runner.aside.size > 0) some = true;
      if (some) {
        for (let row = firstRow; row < endRow; row++) {
          const { machine, key } = rowAt(this.#rows, row);
          owned.runners.get(machine)?.aside.stored(key);
        }
        for (const { machine, from } of stops) owned.runners.get(machine)?.aside.stored(`stop ${from}`);
      }
      for (const { machine, key, at, error } of aside) {
        const runner = owned.runners.get(machine);
        if (runner === undefined) continue;
        if (runner.aside.size === 0) {
          const fields = { code: "OEE_WORKER_SET_ASIDE", machine, at: new Date(at).toISOString(), err: error };
          logger.error(fields, "a record of this machine cannot be stored and is set aside; all others go on");
        }
        runner.aside.add(key, at, error.message);
        runner.changedSince ??= owned.position;
      }
      for (const runner of owned.runners.values()) if (runner.setAside !== null) machines++;
    }
    metrics.recordsAside.inc(aside.length);
    metrics.machinesAside.set(machines);
  }

  /**
   * Checkpoints of machines that changed, made in slices before rows and events are taken, so that what is stored includes
   * at least the events that they include. A call makes only as many as let every machine have its turn within
   * `checkpointEveryMs`, and all that a partition lacks that has just caught up, up to 8 MiB; with `until`, every changed
   * one, up to that instant (ms of the monotonic clock).
   */
  async #checkpointsOf(owned: OwnedPartition, until: number | null): Promise<AppendRecord[]> {
    const { computing, scheduler, logger, topics } = this.#parts;
    const everyMs = this.#checkpointEveryMs(owned);
    const bytesMax = topics.checkpoints.recordBytesMax - CHECKPOINT_KEY_BYTES;
    const now = scheduler.elapsed();
    const inTime = (owned.runners.size * this.#turnMs) / everyMs;
    const turn = Math.max(CHECKPOINTS_MIN, Math.ceil(CHECKPOINTS_SPARE * inTime));
    const made: AppendRecord[] = [];
    let bytes = 0;
    const giveWay = new GiveWay(scheduler);
    for (const runner of owned.runners.values()) {
      const { changedSince } = runner;
      if (changedSince === null) continue;
      if (bytes > CHECKPOINT_BYTES_AT_ONCE || (until !== null && scheduler.elapsed() > until)) return made;
      const due = until !== null || changedSince < owned.checkpointBefore;
      if (!due && (made.length >= turn || now - runner.checkpointedAt < everyMs)) continue;
      const began = scheduler.elapsed();
      // An engine made from the checkpoint takes back only rows and stops that the checkpoint knows of.
      const computed = computing.computeOne(owned, runner);
      // A checkpoint lists corrections as stored, so none is made before a correction is in the rows.
      if (runner.correcting) continue;
      runner.checkpointedAt = now;
      const value = encodeCheckpoint(runner.snapshot(owned.stamps.epoch, owned.taken));
      if (value.length > bytesMax) {
        // The machine stays marked as changed: a restart reads its events again from the newest checkpoint that fitted.
        const why = `its checkpoint has ${value.length} bytes, more than ${bytesMax}`;
        if (runner.aside.size === 0) logger.error({ code: "OEE_WORKER_SET_ASIDE", machine: runner.id }, why);
        runner.aside.add(CHECKPOINT, scheduler.now(), why);
        continue;
      }
      runner.aside.stored(CHECKPOINT);
      made.push({ key: runner.id, value, partition: owned.partition });
      bytes += value.length;
      // Rows and stops of steps to come are stored with it and are not in it: they do not follow from it.
      runner.changedSince = computed ? null : Math.max(0, owned.position - 1);
      runner.checkpointEpoch = owned.stamps.epoch;
      // Rows stored up to the last stamp include no later event than this checkpoint; rows of the next stamp may.
      runner.soundTo = owned.stamps.last;
      this.#checkpointMs += (scheduler.elapsed() - began - this.#checkpointMs) / AVERAGED_OVER;
      if (giveWay.due) await giveWay.now();
    }
    owned.checkpointBefore = 0;
    return made;
  }

  #checkpointEveryMs(owned: OwnedPartition): number {
    const { checkpointEveryMs } = this.#parts.settings;
    if (!owned.catchingUp) return checkpointEveryMs;
    let machines = 0;
    for (const { runners } of this.#parts.owned()) machines += runners.size;
    return Math.max(checkpointEveryMs, (machines * this.#checkpointMs) / CATCHING_UP_SHARE);
  }

  async #commit(owned: OwnedPartition, offset: number, clean: boolean): Promise<void> {
    const { topics, logger } = this.#parts;
    const metadata = owned.metadata(clean);
    try {
      const consumer = this.#parts.consumer();
      await consumer?.commit([{ topic: topics.events.name, partition: owned.partition, offset, metadata }]);
      owned.committed = offset;
      owned.committedAt = this.#parts.scheduler.elapsed();
    } catch (error) {
      // The partition is another member's by now, or the log is away: a restart reads these events again.
      logger.warn({ err: error, partition: owned.partition }, "offset not committed");
    }
  }

  #release(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

/** Whether a machine of it changed since its newest checkpoint. */
function changed({ runners }: OwnedPartition): boolean {
  for (const { changedSince } of runners.values()) if (changedSince !== null) return true;
  return false;
}

function rowAt(rows: RowBatch, row: number): Omit<AsideRecord, "error"> {
  const { machine, product, shift, shiftDate } = rows.headAt(row);
  const at = rows.fromAt(row);
  return { machine, at, key: JSON.stringify(["row", at, product, shift, shiftDate]) };
}
