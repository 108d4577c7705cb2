/**
 * Writes what waits: rows, stops and raw events to the store, then checkpoints to the log, then offsets. A partition's
 * offset is committed up to the oldest event that no checkpoint includes. What does not answer is tried again for as
 * long as it takes.
 */
import type { AppendRecord, EventLog, GroupConsumer, Topics } from "@oee/event-log";
import { RowBatch, type StopSegment } from "@oee/model";
import { EventBatch, GiveWay, type Stamp, type StopKey, type Store, type StoreError } from "@oee/store";
import type { Logger } from "pino";
import { encodeCheckpoint } from "./checkpoint.ts";
import type { Computing } from "./computing.ts";
import { metadataOf } from "./epoch.ts";
import type { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import { reconcile } from "./reconcile.ts";
import { restAfter } from "./rest.ts";
import { storeApart } from "./store-apart.ts";
import type { WorkerSettings } from "./settings.ts";

export interface StoringParts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  readonly clock: () => number;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly settings: WorkerSettings;
  readonly computing: Computing;
  readonly owned: () => Iterable<OwnedPartition>;
  readonly plantVersion: () => string;
  readonly consumer: () => GroupConsumer | null;
  /** Some machine has to be computed again from stored events. */
  readonly recomputeSoon: () => void;
}

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 10_000;
const CHECKPOINTS_MIN = 20;
/** Room for its key in the record of a checkpoint. */
const CHECKPOINT_KEY_BYTES = 1024;
/** What is set aside where a checkpoint does not fit into a record. */
const CHECKPOINT = "checkpoint";
/** Originals that may wait for the store; each is of up to 1 MiB. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;
/** So many more checkpoints a second than all machines need to have their turn in time. */
const CHECKPOINTS_SPARE = 1.25;
/** Rest ends early when so much of what may wait does. */
const REST_WAITING_SHARE = 0.25;
/** After what was lost with an owner was looked for without finding any, it is looked for again, at last this often. */
const LOST_LOOKED_FOR_AFTER_MS = [5_000, 30_000, 120_000, 600_000];

/** Between writes where no events came. */
const QUIET_REST_MS = 15_000;

/** What waited in a partition at one instant. */
interface Taken {
  readonly owned: OwnedPartition;
  /** Its rows are those of `[firstRow, endRow)` of what is written. */
  readonly firstRow: number;
  readonly endRow: number;
  readonly stops: readonly StopSegment[];
  readonly gone: readonly StopKey[];
  readonly events: number;
  readonly checkpoints: readonly AppendRecord[];
  /** Events before this offset are in what was taken, or were before. */
  readonly to: number;
  readonly corrected: readonly { readonly runner: MachineRunner; readonly ids: readonly string[] }[];
  readonly committable: number;
  readonly soundTo: bigint;
  readonly stamp: Stamp;
}

/** A record that the store refused. */
interface AsideRecord {
  readonly machine: string;
  /** Of all that is stored of a machine it alone has it. */
  readonly key: string;
  /** The first instant that it speaks of (epoch ms). */
  readonly at: number;
  readonly error: StoreError;
}

export class Storing {
  readonly #parts: StoringParts;
  /** What is being written: emptied and filled again, for new ones of this size would keep the collector busy. */
  readonly #rows = new RowBatch();
  readonly #events = new EventBatch();
  #timer: NodeJS.Timeout | null = null;
  #storing: Promise<void> | null = null;
  #failing: string | null = null;
  #waiting = 0;
  #beganAt = 0;
  #storedAt = 0;
  /** From the beginning of the last write but one to that of the last. */
  #turnMs = 0;
  #hurried = false;
  #wake: (() => void)[] = [];
  #closed = false;
  #abandoned = false;

  constructor(parts: StoringParts) {
    this.#parts = parts;
  }

  /** Writes from now on by itself. */
  start(): void {
    this.#timer = setInterval(() => void this.#soon(), this.#parts.settings.storeEveryMs);
  }

  /** Why nothing gets through at the moment; `null`: it does. */
  get failing(): string | null {
    return this.#failing;
  }

  /** Raw events that wait for the store. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes note of raw events that wait. */
  add(events: number): void {
    this.#waiting += events;
    this.#parts.metrics.waitingEvents.set(this.#waiting);
  }

  /** Somebody waits for what comes next: the next write does not rest. */
  hurry(): void {
    this.#hurried = true;
  }

  /** Resolves when so few events wait that more may come. */
  async room(): Promise<void> {
    while (this.#isFull() && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #isFull(): boolean {
    if (this.#waiting > this.#parts.settings.waitingEventsMax) return true;
    let bytes = this.#events.rawLength;
    for (const { events } of this.#parts.owned()) bytes += events.rawLength;
    return bytes > WAITING_BYTES_MAX;
  }

  /** One write at a time; `all` checkpoints every changed machine and marks the end of an ownership. */
  async store(all: boolean): Promise<void> {
    while (this.#storing !== null) await this.#storing.catch(() => undefined);
    const now = performance.now();
    this.#turnMs = now - this.#beganAt;
    this.#beganAt = now;
    this.#hurried = false;
    this.#storing = this.#once(all);
    try {
      await this.#storing;
    } finally {
      this.#storing = null;
      this.#storedAt = performance.now();
    }
  }

  /** Nothing more is written, not even what is under way, as far as that can be helped. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** No write begins by itself after this, and none is tried again. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#release();
  }

  async idle(): Promise<void> {
    await this.#storing?.catch(() => undefined);
  }

  /** Tries until it works or the worker ends. */
  async untilDone(what: string, work: () => Promise<void>): Promise<void> {
    for (let wait = RETRY_FIRST_MS; ; wait = Math.min(RETRY_MAX_MS, wait * 2)) {
      try {
        await work();
        this.#failing = null;
        return;
      } catch (error) {
        this.#parts.metrics.storeFailures.inc();
        this.#failing = `cannot ${what}: ${error instanceof Error ? error.message : String(error)}`;
        this.#parts.logger.error({ err: error }, `cannot ${what}; trying again`);
        if (this.#closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  async #soon(): Promise<void> {
    if (this.#storing !== null || this.#closed) return;
    if (performance.now() - this.#storedAt < this.#restMs()) return;
    await this.store(false).catch((error: unknown) => this.#parts.logger.error({ err: error }, "storing failed"));
  }

  #restMs(): number {
    for (const owned of this.#parts.owned()) if (this.#lostIsDue(owned)) return 0;
    // Where only time passes, small writes would cost the store more than they tell.
    if (this.#waiting === 0) return this.#hurried ? 0 : QUIET_REST_MS;
    const { waitingEventsMax } = this.#parts.settings;
    if (this.#hurried || this.#waiting > REST_WAITING_SHARE * waitingEventsMax) return 0;
    return restAfter(this.#storedAt - this.#beganAt);
  }

  async #once(all: boolean): Promise<void> {
    const { log, topics, metrics, computing, settings } = this.#parts;
    const taken: Taken[] = [];
    this.#rows.clear();
    this.#events.clear();
    for (const owned of [...this.#parts.owned()]) {
      await computing.computeMostOf(owned);
      taken.push(this.#take(owned, await this.#checkpointsOf(owned, all)));
    }
    if (this.#abandoned) return;
    await this.#write(taken);
    for (const { owned, to, corrected, firstRow, endRow, stops, events } of taken) {
      owned.storedTo = to;
      for (const { runner, ids } of corrected) {
        runner.confirmCorrections(ids);
        owned.touched.add(runner);
        owned.urgent.add(runner);
      }
      if (corrected.length > 0) computing.soon();
      metrics.rowsStored.inc(endRow - firstRow);
      metrics.stopsStored.inc(stops.length);
      this.add(-events);
    }
    this.#events.clear();
    this.#release();
    for (const { owned, checkpoints, committable, soundTo } of taken) {
      if (checkpoints.length > 0) {
        await this.untilDone("write checkpoints", () => log.append(topics.checkpoints.name, checkpoints));
      }
      const behind = soundTo > owned.soundTo && performance.now() - owned.committedAt >= settings.checkpointEveryMs;
      owned.soundTo = soundTo;
      if (committable > owned.committed || behind || all) await this.#commit(owned, committable, all);
      if (!all && this.#lostIsDue(owned)) await this.lookForLost(owned);
    }
  }

  #lostIsDue(owned: OwnedPartition): boolean {
    return owned.lost.length > 0 && owned.caughtUp && performance.now() >= owned.lookForLostAt;
  }

  /**
   * Looks for what owners before wrote from knowledge that was lost with them; again and again for some minutes, since one
   * that lost the partition without knowing may still write. Whether there was any.
   */
  async lookForLost(owned: OwnedPartition): Promise<boolean> {
    const { store, logger, recomputeSoon } = this.#parts;
    if (owned.lost.length === 0) return false;
    const found = await reconcile(store, owned, logger);
    if (found) {
      owned.lookedForLost = 0;
      this.#hurried = true;
      recomputeSoon();
    }
    const wait = LOST_LOOKED_FOR_AFTER_MS[owned.lookedForLost++];
    if (wait === undefined) owned.lost = [];
    else owned.lookForLostAt = performance.now() + wait;
    return found;
  }

  /** What is taken together was computed together: the rows hold all of the events, those of the checkpoints too. */
  #take(owned: OwnedPartition, checkpoints: readonly AppendRecord[]): Taken {
    this.#parts.computing.computeTouchedOf(owned);
    const events = owned.events.length;
    this.#events.append(owned.events);
    owned.events.clear();
    const firstRow = this.#rows.length;
    const { stops, gone } = owned.pending.moveTo(this.#rows);
    const stamp = owned.stamps.next(this.#parts.plantVersion());
    return {
      owned,
      events,
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

  /** All partitions in one write a table: many small ones would cost the store more. */
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

  /** What was set aside before and is stored now is forgotten; what was set aside just now is told. */
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
   * Snapshots of machines that changed, in slices: what is taken after them holds at least the events that they hold.
   * At most so many at a time that all machines have their turn within `checkpointEveryMs`.
   */
  async #checkpointsOf(owned: OwnedPartition, all: boolean): Promise<AppendRecord[]> {
    const { computing, settings, clock, logger, topics } = this.#parts;
    const { checkpointEveryMs } = settings;
    const bytesMax = topics.checkpoints.recordBytesMax - CHECKPOINT_KEY_BYTES;
    const now = performance.now();
    const inTime = (owned.runners.size * this.#turnMs) / checkpointEveryMs;
    const turn = Math.max(CHECKPOINTS_MIN, Math.ceil(CHECKPOINTS_SPARE * inTime));
    const made: AppendRecord[] = [];
    const giveWay = new GiveWay();
    if (all) computing.computeTouchedOf(owned);
    for (const runner of owned.runners.values()) {
      if (runner.changedSince === null) continue;
      // A correction is told as stored by a checkpoint once it is in the rows.
      if (!all && runner.correcting) continue;
      if (!all && (made.length >= turn || now - runner.checkpointedAt < checkpointEveryMs)) continue;
      runner.checkpointedAt = now;
      const value = encodeCheckpoint(runner.snapshot(owned.stamps.epoch));
      if (value.length > bytesMax) {
        // It stays changed: a restart reads its events again from the newest checkpoint that fits.
        const why = `its checkpoint has ${value.length} bytes, more than ${bytesMax}`;
        if (runner.aside.size === 0) logger.error({ code: "OEE_WORKER_SET_ASIDE", machine: runner.id }, why);
        runner.aside.add(CHECKPOINT, clock(), why);
        continue;
      }
      runner.aside.stored(CHECKPOINT);
      made.push({ key: runner.id, value, partition: owned.partition });
      runner.changedSince = null;
      runner.checkpointEpoch = owned.stamps.epoch;
      // What was taken up to the last stamp was computed before; what the next one takes may hold later events.
      runner.soundTo = owned.stamps.last;
      if (giveWay.due) await giveWay.now();
    }
    return made;
  }

  async #commit(owned: OwnedPartition, offset: number, clean: boolean): Promise<void> {
    const { topics, logger } = this.#parts;
    const { stamps, soundTo, lost, checkpoints } = owned;
    const metadata = metadataOf({ epoch: stamps.epoch, clean, soundTo, lost, checkpoints });
    try {
      const consumer = this.#parts.consumer();
      await consumer?.commit([{ topic: topics.events.name, partition: owned.partition, offset, metadata }]);
      owned.committed = offset;
      owned.committedAt = performance.now();
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

function rowAt(rows: RowBatch, row: number): Omit<AsideRecord, "error"> {
  const { machine, product, shift, shiftDate } = rows.headAt(row);
  const at = rows.fromAt(row);
  return { machine, at, key: JSON.stringify(["row", at, product, shift, shiftDate]) };
}
