/**
 * Writes what the partitions have waiting, in this order: rows, stops, doubted totals and raw events to the store, checkpoints to the
 * log, then the offsets of the consumer group. A partition's offset is committed up to the oldest event that no
 * checkpoint includes.
 */
import { type AppendRecord, type EventLog, type GroupConsumer, LogError, messageOf, type Topics } from "@oee/event-log";
import { RowBatch } from "@oee/model";
import { type Cancel, restAfter, type Scheduler } from "@oee/pacing";
import type { EventBatch, Stamp, Store, StoreError } from "@oee/store";
import type { Logger } from "pino";
import type { ChangesTaken } from "./changes.ts";
import type { Checkpointing } from "./checkpointing.ts";
import type { Computing } from "./computing.ts";
import type { CurrentPlant } from "./current-plant.ts";
import type { DurableWrites } from "./durable-writes.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import type { Partitions } from "./partitions.ts";
import { reconcile } from "./reconcile.ts";
import type { WorkerSettings } from "./settings.ts";
import type { Notifier } from "./notifier.ts";
import { storeApart } from "./store-apart.ts";
import type { WaitingEvents } from "./waiting-events.ts";

export interface StoringParts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly settings: WorkerSettings;
  readonly partitions: Partitions;
  readonly current: CurrentPlant;
  readonly computing: Computing;
  readonly checkpointing: Checkpointing;
  readonly waiting: WaitingEvents;
  readonly writes: DurableWrites;
  /** Raised when lost versions were found of machines that have to be recomputed. */
  readonly recomputeWanted: Notifier;
}

/** In the pause between writes raw events are written alone when this share of `waitingEventsMax` waits: large inserts cost the store less. */
const WRITTEN_ALONE_SHARE = 0.5;
/** Rows of a partition that may wait for the store before the pause between writes is left out. */
const PENDING_ROWS_MAX = 50_000;
/**
 * The first write of partitions that catch up comes so long (ms) after they were taken over: a minute is read within this time, and
 * while raw events pile up behind a write of rows that says little, reading stops. Raw events are written alone before.
 */
const CATCHING_UP_FIRST_MS = 5_000;
/** The longest pause before the next write where a partition has just caught up: a crash would have all of it read again. */
const CAUGHT_UP_REST_MS = 1_000;
/**
 * With so many machines to compute of partitions that have caught up, raw events that wait are written meanwhile: else reading
 * would stop at `waitingEventsMax` until all of them are computed and checkpointed, some seconds with 10,000 machines.
 */
const MANY_MACHINES = 500;
/** Bytes of checkpoints that are given to the log at once, which copies them twice. */
const APPENDED_AT_ONCE = 4 * 1024 * 1024;
/** The pause between writes where no events came. */
const QUIET_REST_MS = 15_000;

/** What one write takes from one partition. */
interface Taken extends ChangesTaken {
  readonly owned: OwnedPartition;
  /** The partition's rows are those at `[firstRow, endRow)` of the batch written. */
  readonly firstRow: number;
  readonly endRow: number;
  readonly checkpoints: readonly AppendRecord[];
  /** Every event before this offset is stored once this write is. */
  readonly to: number;
  readonly corrected: readonly { readonly machine: string; readonly ids: readonly string[] }[];
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
  /** The rows of the write under way, emptied and filled again: a new batch of this size would keep the garbage collector busy. */
  readonly #rows = new RowBatch();
  #consumer: GroupConsumer | null = null;
  #timer: Cancel | null = null;
  #storing: Promise<void> | null = null;
  #beganAt = 0;
  #storedAt = 0;
  #tookOverAt = 0;
  /** Time (ms) from the beginning of the last write but one to that of the last. */
  #turnMs = 0;
  #hurried = false;
  /** Whether raw events were written whose rows come later: alone, or of machines that were far behind or had them meanwhile. */
  #areAhead = false;
  /** Whether events were read since the log was last asked which topic they are of. */
  #readOn = false;
  /** Raw events that were written before the rows that include them, and that the store refused. */
  readonly #asideAhead: AsideRecord[] = [];
  #closed = false;
  /** When closing began (ms of the monotonic clock). */
  #closedAt = Infinity;
  #abandoned = false;
  #broken: string | null = null;

  constructor(parts: StoringParts) {
    this.#parts = parts;
  }

  /**
   * Why nothing is written or committed any more, in a sentence; `null`: writing goes on. What a write had taken that was cut
   * off is neither in the store nor waits for it, so no later commit may pass it: it is read again from the log.
   */
  get broken(): string | null {
    return this.#broken;
  }

  /** Begins to write by itself, every `storeEveryMs`, and to commit offsets of a consumer group. */
  start(consumer: GroupConsumer): void {
    const { scheduler, settings } = this.#parts;
    this.#consumer = consumer;
    this.#timer = scheduler.every(settings.storeEveryMs, () => void this.#soon());
  }

  /** Raw events came: many of them do not wait for the end of the pause. */
  eventsCame(): void {
    this.#readOn = true;
    if (this.#manyWait) void this.#soon();
  }

  get #manyWait(): boolean {
    const { waiting, settings } = this.#parts;
    return waiting.count > WRITTEN_ALONE_SHARE * settings.waitingEventsMax;
  }

  /** Skips the pause before the next write, because a correction waits for it. */
  hurry(): void {
    this.#hurried = true;
  }

  /** Partitions were taken over, and the first of them begin to be read. */
  tookOver(): void {
    this.#tookOverAt = this.#parts.scheduler.elapsed();
  }

  /** A partition has caught up: what waits is written at once, unless another one still catches up. */
  caughtUp(): void {
    for (const { catchingUp } of this.#parts.partitions) if (catchingUp) return;
    this.#hurried = true;
    void this.#soon();
  }

  /**
   * Writes what waits, after the write under way. `all`: every changed machine is checkpointed, and the commit is marked as
   * an end in order; what `endWithinMs` does not allow is left out, so that the log is read again from there.
   */
  async store(all: boolean): Promise<void> {
    const { scheduler, settings } = this.#parts;
    // The time to end begins when closing began: it includes the write under way, for which this one waits.
    const until = Math.min(scheduler.elapsed(), this.#closedAt) + settings.endWithinMs;
    while (this.#storing !== null) await this.#storing.catch(() => undefined);
    const now = scheduler.elapsed();
    this.#turnMs = now - this.#beganAt;
    this.#beganAt = now;
    this.#hurried = false;
    this.#areAhead = false;
    this.#storing = all ? this.#everything(until) : this.#once(null);
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
    while (this.#parts.checkpointing.lacks && this.#parts.scheduler.elapsed() < until && !this.#abandoned);
  }

  /** Stops writing, as a crash would: the write under way ends before its next step where it can. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** No write begins by itself after this. */
  close(): void {
    this.#closed = true;
    this.#closedAt = this.#parts.scheduler.elapsed();
    this.#timer?.();
  }

  async idle(): Promise<void> {
    await this.#storing?.catch(() => undefined);
  }

  async #soon(): Promise<void> {
    if (this.#storing !== null || this.#closed || this.#broken !== null) return;
    const rests = this.#parts.scheduler.elapsed() - Math.max(this.#storedAt, this.#tookOverAt) < this.#restMs();
    if (rests && !this.#manyWait) return;
    const write = rests ? this.#storeEvents() : this.store(false);
    await write.catch((error: unknown) => this.#parts.logger.error({ err: error }, "storing failed"));
    // Reading may have stopped meanwhile because of all that waits, and then nothing else begins the next write before the timer.
    if (this.#hurried || this.#manyWait) void this.#soon();
  }

  /** Writes raw events alone, which thousands of machines need not be computed for; their offsets are committed by the next write. */
  async #storeEvents(): Promise<void> {
    this.#areAhead = true;
    this.#storing = this.#orBroken(() => this.#writeEvents());
    try {
      await this.#storing;
    } finally {
      this.#storing = null;
    }
  }

  #restMs(): number {
    const { partitions, waiting } = this.#parts;
    if (this.#hurried) return 0;
    const all = [...partitions];
    // A machine that catches up with years fills memory, and waits for the write.
    if (all.some((owned) => this.#lostIsDue(owned) || owned.pending.size > PENDING_ROWS_MAX)) return 0;
    if (this.#storedAt <= this.#tookOverAt && all.some(({ catchingUp }) => catchingUp)) return CATCHING_UP_FIRST_MS;
    for (const { checkpointBefore } of all) {
      if (checkpointBefore > 0) return Math.min(CAUGHT_UP_REST_MS, restAfter(this.#storedAt - this.#beganAt));
    }
    // Without events rows change only by time: writing them rarely saves the store many small inserts.
    if (waiting.count === 0 && !this.#areAhead) return QUIET_REST_MS;
    return restAfter(this.#storedAt - this.#beganAt);
  }

  /** One write. `until`: it is one of the last, and makes checkpoints of all machines up to this instant of the monotonic clock (ms). */
  async #once(until: number | null): Promise<void> {
    await this.#orBroken(() => this.#writeAll(until));
    if (until !== null || this.#abandoned) return;
    for (const owned of [...this.#parts.partitions]) if (this.#lostIsDue(owned)) await this.lookForLost(owned);
  }

  async #orBroken(write: () => Promise<void>): Promise<void> {
    if (this.#broken !== null) throw new Error(this.#broken);
    try {
      await write();
    } catch (error) {
      const replaced = error instanceof LogError && error.code === "OEE_LOG_TOPIC_REPLACED";
      if (replaced) this.#parts.metrics.eventsReplaced.set(1);
      this.#broken = replaced
        ? `${error.code}: ${error.message}`
        : `a write was cut off, and the worker must be started again: ${messageOf(error)}`;
      throw error;
    }
  }

  async #writeAll(until: number | null): Promise<void> {
    const all = until !== null;
    const { log, topics, metrics, settings, partitions, computing, checkpointing, waiting, writes } = this.#parts;
    const taken: Taken[] = [];
    this.#rows.clear();
    const ahead = this.#eventsAhead();
    // The most rows first: they are moved, and those of the others copied behind them.
    for (const owned of [...partitions].sort((a, b) => b.pending.size - a.pending.size)) {
      await computing.computeMostOf(owned);
      taken.push(this.#take(owned, await checkpointing.make(owned, this.#turnMs, until)));
    }
    await ahead;
    if (this.#abandoned) return;
    // All that the parts taken include, and what came since.
    const events = waiting.take();
    for (const { caughtUp, toCompute } of partitions) if (caughtUp && toCompute.all.size > 0) this.#areAhead = true;
    await this.#expectSameTopic();
    await this.#write(taken, events);
    for (const { owned, to, corrected, firstRow, endRow, stops, doubts, stamp } of taken) {
      const wrote = endRow > firstRow || stops.length + doubts.length > 0;
      owned.stored(to, wrote ? stamp.version : null);
      for (const { machine, ids } of corrected) {
        // Another one by now, where the plant file changed meanwhile.
        const runner = owned.runners.get(machine);
        if (runner === undefined) continue;
        runner.corrections.confirm(ids);
        owned.toCompute.addUrgent(runner);
      }
      if (corrected.length > 0) computing.soon();
      metrics.rowsStored.inc(endRow - firstRow);
      metrics.stopsStored.inc(stops.length);
    }
    waiting.stored();
    // Of all partitions at once, and so are commits: each would wait for the disk or the broker by itself.
    for (const checkpoints of portionsOf(taken.flatMap((part) => part.checkpoints))) {
      await writes.untilDone("write checkpoints", () => log.append(topics.checkpoints.name, checkpoints));
    }
    const commits = taken.map(async ({ owned, committable, soundTo }) => {
      const behind =
        soundTo > owned.soundTo && this.#parts.scheduler.elapsed() - owned.committedAt >= settings.checkpointEveryMs;
      owned.sound(soundTo);
      const clean = all && !owned.lacksCheckpoints;
      if (committable > owned.committed || behind || all) await this.#commit(owned, committable, clean);
    });
    await Promise.all(commits);
  }

  /**
   * Throws where the events topic was deleted and made anew: what was read may be of either, so none of it is stored or committed. All
   * that was read before the answer is of the topic that answers.
   */
  async #expectSameTopic(): Promise<void> {
    if (!this.#readOn) return;
    this.#readOn = false;
    const { log, topics, writes } = this.#parts;
    let replaced: string | null = null;
    await writes.untilDone("ask the log for its topic of events", async () => {
      replaced = await log.replaced(topics.events.name);
    });
    if (replaced !== null) throw new LogError("OEE_LOG_TOPIC_REPLACED", replaced);
  }

  #lostIsDue(owned: OwnedPartition): boolean {
    return owned.caughtUp && owned.lost.isDue(this.#parts.scheduler.elapsed());
  }

  /** Searches the store for rows under lost versions and mends them (`reconcile.ts`); `true`: there were some. */
  async lookForLost(owned: OwnedPartition): Promise<boolean> {
    const { store, logger, scheduler, recomputeWanted } = this.#parts;
    if (owned.lost.spans.length === 0) return false;
    const due = this.#lostIsDue(owned);
    const found = await reconcile(store, owned, logger);
    if (found) {
      this.#hurried = true;
      recomputeWanted.notify();
    }
    // A request for a search in between does not shorten the time for which lost versions are searched.
    if (found || due) owned.lost.searched(found, scheduler.elapsed());
    return found;
  }

  /** Takes what waits in a partition: rows that include every event taken so far, and every event of the checkpoints. */
  #take(owned: OwnedPartition, checkpoints: readonly AppendRecord[]): Taken {
    this.#parts.computing.computeDueOf(owned);
    const firstRow = this.#rows.length;
    owned.stores(this.#parts.scheduler.now());
    const changes = owned.pending.moveTo(this.#rows);
    const stamp = owned.stamps.next(this.#parts.current.plant.version);
    const corrected: { machine: string; ids: readonly string[] }[] = [];
    for (const { id: machine, corrections } of owned.runners.values()) {
      const ids = corrections.drainComputed();
      if (ids.length > 0) corrected.push({ machine, ids });
    }
    return {
      ...changes,
      owned,
      firstRow,
      endRow: this.#rows.length,
      checkpoints,
      to: owned.taken,
      corrected,
      committable: owned.committable,
      soundTo: owned.soundBelow(stamp.version),
      stamp,
    };
  }

  /** Begins to write raw events while machines are computed, where many of both wait, or a partition has just caught up; `null`: it does not. */
  #eventsAhead(): Promise<void> | null {
    let machines = 0;
    let many = this.#manyWait;
    for (const { caughtUp, checkpointBefore, toCompute } of this.#parts.partitions) {
      if (caughtUp) machines += toCompute.all.size;
      if (checkpointBefore > 0) many = true;
    }
    if (!many || machines < MANY_MACHINES) return null;
    const written = this.#writeEvents();
    // It is awaited after the machines are computed, and may fail before.
    written.catch(() => undefined);
    return written;
  }

  /** Writes raw events before the rows that include them; then there is room for others. */
  async #writeEvents(): Promise<void> {
    const { waiting, writes } = this.#parts;
    const events = waiting.take();
    await this.#expectSameTopic();
    await writes.untilDone("write to the store", async () => {
      this.#asideAhead.push(...(await this.#insertEvents(events)));
    });
    waiting.stored();
  }

  /** Writes raw events; answers those that the store refused. */
  async #insertEvents(events: EventBatch): Promise<AsideRecord[]> {
    const aside: AsideRecord[] = [];
    for (const refused of await storeApart(events, (some) => this.#parts.store.insertEvents(some))) {
      for (let event = refused.from; event < refused.to; event++)
        aside.push({ ...events.placeAt(event), error: refused.error });
    }
    return aside;
  }

  /** Writes the parts of all partitions by one insert a table, because many small inserts cost ClickHouse more. */
  async #write(taken: readonly Taken[], events: EventBatch): Promise<void> {
    const { store, writes } = this.#parts;
    const [first] = taken;
    if (first === undefined) return;
    const rows = this.#rows;
    const stops = taken.flatMap((part) => part.stops);
    const gone = taken.flatMap((part) => part.gone);
    const doubts = taken.flatMap((part) => part.doubts);
    const stamps = new Map<string, Stamp>();
    for (const part of taken) {
      // Rows of a machine lie together: to look one up for each of 100,000 would hold others up.
      let last = "";
      for (let row = part.firstRow; row < part.endRow; row++) {
        const { machine } = rows.headAt(row);
        if (machine !== last) stamps.set((last = machine), part.stamp);
      }
      for (const of of [part.stops, part.gone, part.doubts])
        for (const { machine } of of) stamps.set(machine, part.stamp);
    }
    const stampOf = (machine: string): Stamp => stamps.get(machine) ?? first.stamp;
    const aside: AsideRecord[] = [];
    await writes.untilDone("write to the store", async () => {
      aside.length = 0;
      for (const refused of await storeApart(rows, (some) => store.insertRows(some, stampOf))) {
        for (let row = refused.from; row < refused.to; row++) aside.push({ ...rowAt(rows, row), error: refused.error });
      }
      if (stops.length === 0 && gone.length > 0) await store.insertStops([], stampOf, gone);
      for (const refused of await storeApart(stops, (some) => store.insertStops(some, stampOf, gone))) {
        for (const { machine, from } of stops.slice(refused.from, refused.to))
          aside.push({ machine, key: `stop ${from}`, at: from, error: refused.error });
      }
      if (doubts.length > 0) await store.insertDoubts(doubts, stampOf);
      aside.push(...(await this.#insertEvents(events)));
    });
    this.#note(taken, [...this.#asideAhead.splice(0), ...aside]);
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
        runner.checkpoint.lacks(owned.position);
      }
      for (const runner of owned.runners.values()) if (runner.setAside !== null) machines++;
    }
    metrics.recordsAside.inc(aside.length);
    metrics.machinesAside.set(machines);
  }

  async #commit(owned: OwnedPartition, offset: number, clean: boolean): Promise<void> {
    const { topics, logger, scheduler } = this.#parts;
    const metadata = owned.metadata(clean);
    try {
      await this.#consumer?.commit([{ topic: topics.events.name, partition: owned.partition, offset, metadata }]);
      owned.commits(offset, scheduler.elapsed());
    } catch (error) {
      // The partition is another member's by now, or the log is away: a restart reads these events again.
      logger.warn({ err: error, partition: owned.partition }, "offset not committed");
    }
  }
}

/** Records in their order, some `APPENDED_AT_ONCE` bytes at a time. */
function* portionsOf(records: readonly AppendRecord[]): Generator<readonly AppendRecord[]> {
  let first = 0;
  let bytes = 0;
  for (const [i, { value }] of records.entries()) {
    bytes += value?.length ?? 0;
    if (bytes < APPENDED_AT_ONCE && i < records.length - 1) continue;
    yield records.slice(first, i + 1);
    first = i + 1;
    bytes = 0;
  }
}

function rowAt(rows: RowBatch, row: number): Omit<AsideRecord, "error"> {
  const { machine, product, shift, shiftDate } = rows.headAt(row);
  const at = rows.fromAt(row);
  return { machine, at, key: JSON.stringify(["row", at, product, shift, shiftDate]) };
}
