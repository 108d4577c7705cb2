/**
 * The stream worker: log → engine → store and live. At least once in, idempotent out: offsets are committed only when
 * the rows, the raw events and the checkpoints of what they came from are acknowledged, and every write has a
 * deterministic key and a version that grows. A store or a log that fails is tried again for as long as it takes,
 * while reading waits; nothing is lost meanwhile.
 */
import { PlantModel } from "@oee/engine";
import {
  type AssignedPartition,
  type EventLog,
  type GroupConsumer,
  partitionOf,
  type PartitionOffset,
  type RecordBatch,
  type TopicPartition,
  type Topics,
} from "@oee/event-log";
import { EventDecoder, type Plant, type PlantEvent } from "@oee/model";
import type { LiveRecord, LiveSink, TimelineRecord } from "@oee/protocol";
import type { EventRecord, Store } from "@oee/store";
import type { Logger } from "pino";
import { ColdPath } from "./cold-path.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { metadataOf, ownershipOf, Stamps } from "./epoch.ts";
import { deadLetter, decodeRecord, type RefusedEvent } from "./intake.ts";
import { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { OwnedPartition } from "./partition.ts";
import { reconcile } from "./reconcile.ts";
import type { WorkerSettings } from "./settings.ts";

export interface WorkerOptions {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  readonly plant: Plant;
  readonly live: LiveSink;
  readonly clock: () => number;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly settings: WorkerSettings;
}

/** What readiness tells. */
export interface WorkerStatus {
  readonly ready: boolean;
  /** Why not, in a sentence; empty when ready. */
  readonly reason: string;
  readonly partitions: number;
  readonly machines: number;
  /** Records not read yet. */
  readonly lag: number;
  readonly waitingEvents: number;
  /** The newest event's own time, or `null` before the first. */
  readonly newestEventAt: number | null;
  readonly recomputing: number;
}

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 10_000;
/** Machines moved on in time without giving way to other work. */
const SLICE = 200;
/** A machine is moved on by so much at a time: years of history hold up no other machine, and do not fill memory. */
const STEP_MS = 7 * 24 * 3_600_000;
/** Rows that may wait for the store before a machine that is further behind waits too. */
const ROWS_WAITING_MAX = 300_000;
const CHECKPOINTS_MIN = 50;
const IDLE_STORE_EVERY_MS = 5_000;
/** Machines moved on in time in a second, of those to which nothing comes. */
const IDLE_MACHINES_PER_SECOND = 500;
const END_LOOKED_FOR_EVERY_MS = 100;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #partitions = new Map<number, OwnedPartition>();
  #model: PlantModel;
  #decoder: EventDecoder;
  #consumer: GroupConsumer | null = null;
  #partitionCount = 0;
  #timers: NodeJS.Timeout[] = [];
  #computing: NodeJS.Timeout | null = null;
  #storing: Promise<void> | null = null;
  #storeFailing: string | null = null;
  #waiting = 0;
  #storedAt = 0;
  #wake: (() => void)[] = [];
  readonly #coldPath: ColdPath;
  #closed = false;
  #abandoned = false;
  #joined = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#model = new PlantModel(options.plant);
    this.#decoder = new EventDecoder(options.plant, options.settings);
    const { store, metrics, logger, settings, clock } = options;
    this.#coldPath = new ColdPath({
      store,
      metrics,
      logger,
      settings,
      clock,
      plant: () => this.plant,
      decoder: () => this.#decoder,
      owned: () => this.#partitions.values(),
      storeNow: () => this.#store(false),
      nowOf: (owned, runner) => this.#nowOf(owned, runner),
      untilDone: (what, work) => this.#untilDone(what, work),
      computeSoon: () => this.#computeSoon(),
    });
  }

  get plant(): Plant {
    return this.#model.plant;
  }

  /** Joins the group; resolves once it is on its way, not when partitions have come. */
  async start(): Promise<void> {
    const { log, topics, settings } = this.#options;
    this.#partitionCount = await log.partitionsOf(topics.events.name);
    this.#consumer = log.consume({
      groupId: settings.groupId,
      topics: [topics.events.name],
      onAssigned: (partitions) => this.#assigned(partitions),
      onRevoked: (partitions) => this.#revoked(partitions),
      onBatch: (batch) => this.#take(batch),
    });
    this.#timers = [
      setInterval(() => void this.#idle(), settings.idleEveryMs),
      setInterval(() => void this.#storeSoon(), settings.storeEveryMs),
    ];
  }

  status(): WorkerStatus {
    const partitions = [...this.#partitions.values()];
    const lag = partitions.reduce((sum, owned) => sum + owned.lag, 0);
    let machines = 0;
    let newest = -Infinity;
    let recomputing = 0;
    for (const { runners } of partitions) {
      machines += runners.size;
      for (const runner of runners.values()) {
        newest = Math.max(newest, runner.engine.lastEventAt);
        if (runner.recomputing) recomputing++;
      }
    }
    const { state, lastError } = this.#options.log.describe();
    const logFailing = state === "disconnected" ? `the log does not answer: ${lastError?.message ?? state}` : null;
    const reason = this.#storeFailing ?? logFailing ?? (this.#joined ? "" : "partitions are not assigned yet");
    return {
      ready: reason === "",
      reason,
      partitions: partitions.length,
      machines,
      lag,
      waitingEvents: this.#waiting,
      newestEventAt: Number.isFinite(newest) ? newest : null,
      recomputing,
    };
  }

  /** Takes up a changed plant file: from the minute at hand on (DI-3). Windows may change without its version. */
  setPlant(plant: Plant): void {
    const windowsOf = (of: Plant): string => JSON.stringify(of.windows);
    if (plant.version === this.plant.version && windowsOf(plant) === windowsOf(this.plant)) return;
    const now = this.#options.clock();
    for (const owned of this.#partitions.values())
      for (const runner of owned.runners.values()) while (!this.#compute(owned, runner, now));
    this.#model = new PlantModel(plant);
    this.#decoder = new EventDecoder(plant, this.#options.settings);
    for (const owned of this.#partitions.values()) {
      const before = new Map(owned.runners);
      owned.runners.clear();
      owned.touched.clear();
      for (const machine of plant.machines) {
        if (partitionOf(machine.id, this.#partitionCount) !== owned.partition) continue;
        const old = before.get(machine.id);
        const runner =
          old === undefined
            ? this.#newRunner(machine.id, owned.partition)
            : MachineRunner.restore(
                this.#model.machine(machine),
                owned.partition,
                this.#options.settings,
                structuredClone(old.snapshot()),
                now,
              );
        if (runner === null) continue;
        if (old !== undefined) runner.changedSince = old.changedSince ?? owned.position;
        owned.runners.set(machine.id, runner);
        owned.touched.add(runner);
      }
    }
    this.#computeSoon();
    this.#coldPath.start();
  }

  /** Everything read so far is computed and stored when it resolves. */
  async settle(): Promise<void> {
    while (!this.#computeTouched()) await this.#store(false);
    await this.#coldPath.idle();
    await this.#store(false);
    await this.#store(false);
  }

  /** Leaves without storing, checkpointing or committing anything more: as a crash would. For simulations. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    this.#partitions.clear();
    await this.close();
  }

  /** Leaves the group in order: all is stored, checkpointed and committed. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#coldPath.close();
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#computing !== null) clearTimeout(this.#computing);
    this.#release();
    await this.#consumer?.close();
    await this.#storing?.catch(() => undefined);
    await this.#coldPath.idle();
  }

  // ── partitions come and go ────────────────────────────────────────────────────────────────────────────────────────

  async #assigned(assigned: readonly AssignedPartition[]): Promise<PartitionOffset[]> {
    const { log, topics, settings, clock, logger } = this.#options;
    const numbers = assigned.map(({ partition }) => partition);
    const checkpoints = await log.readKeyed(topics.checkpoints.name, numbers);
    const starts: PartitionOffset[] = [];
    const epochs: { topic: string; partition: number; offset: number; metadata: string }[] = [];
    for (const { topic, partition, committed } of assigned) {
      const { epoch, clean } = ownershipOf(committed?.metadata);
      const stamps = new Stamps(epoch + 1);
      const runners = new Map<string, MachineRunner>();
      let start = committed?.offset ?? 0;
      for (const machine of this.plant.machines) {
        if (partitionOf(machine.id, this.#partitionCount) !== partition) continue;
        const record = checkpoints.get(machine.id);
        const snapshot = record === undefined ? null : decodeCheckpoint(record.value);
        const restored =
          snapshot === null
            ? null
            : MachineRunner.restore(this.#model.machine(machine), partition, settings, snapshot, clock());
        if (record !== undefined && restored === null) {
          logger.warn({ code: "OEE_WORKER_CHECKPOINT_UNKNOWN", machine: machine.id }, "computing from stored events");
        }
        const runner = restored ?? this.#newRunner(machine.id, partition);
        if (restored === null && (record !== undefined || start > 0)) {
          // Its events are behind what is committed: they are in the store.
          runner.recomputeFrom = -Infinity;
        }
        runner.checkpointedAt = clock();
        runners.set(machine.id, runner);
      }
      const owned = new OwnedPartition(partition, runners, stamps, start, committed !== null && !clean);
      this.#partitions.set(partition, owned);
      for (const runner of runners.values()) owned.touched.add(runner);
      starts.push({ topic, partition, offset: start });
      epochs.push({ topic, partition, offset: start, metadata: metadataOf({ epoch: epoch + 1, clean: false }) });
    }
    // The new epoch is known before anything is written in it.
    await this.#consumer?.commit(epochs);
    this.#joined = true;
    this.#options.metrics.machines.set(this.status().machines);
    logger.info({ partitions: numbers, machines: this.status().machines }, "partitions assigned");
    this.#lookForEnds();
    this.#coldPath.start();
    return starts;
  }

  /** A partition to which nothing comes is caught up once the log says where it ends. */
  #lookForEnds(): void {
    for (const status of this.#options.log.describe().partitions) {
      const owned = this.#partitions.get(status.partition);
      if (status.topic === this.#options.topics.events.name && status.lag === 0 && owned !== undefined) {
        owned.end ??= owned.position;
      }
    }
    this.#computeSoon();
    if (this.#closed || [...this.#partitions.values()].every((owned) => owned.end !== null)) return;
    setTimeout(() => this.#lookForEnds(), END_LOOKED_FOR_EVERY_MS);
  }

  async #revoked(revoked: readonly TopicPartition[]): Promise<void> {
    this.#computeTouched();
    await this.#store(true).catch((error: unknown) => {
      this.#options.logger.error({ err: error }, "handing partitions over without a checkpoint");
    });
    for (const { partition } of revoked) this.#partitions.delete(partition);
    this.#options.metrics.machines.set(this.status().machines);
  }

  #newRunner(id: string, partition: number): MachineRunner {
    const machine = this.plant.machineById.get(id);
    if (machine === undefined) throw new Error(`no machine ${id} in the plant`);
    return new MachineRunner(this.#model.machine(machine), partition, this.#options.settings);
  }

  // ── events in ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #take(batch: RecordBatch): Promise<void> {
    while (this.#waiting > this.#options.settings.waitingEventsMax && !this.#closed) await this.#released();
    const owned = this.#partitions.get(batch.partition);
    if (owned === undefined) return;
    const { metrics, log, topics, clock } = this.#options;
    const letters: RefusedEvent[] = [];
    const now = clock();
    const before = owned.events.length;
    for (let i = 0; i < batch.length; i++) {
      const offset = batch.offsetAt(i);
      const loggedAt = batch.timestampAt(i);
      decodeRecord(
        batch,
        i,
        this.#decoder,
        now,
        ({ event, index, raw }) => {
          const runner = owned.runners.get(event.machine.id);
          if (runner === undefined) {
            const detail = `machine ${event.machine.id}: the record's key must be the machine's id, so that it is in its partition`;
            letters.push(refused(batch, i, detail, raw()));
            return;
          }
          if (offset < runner.nextOffset) return;
          const acceptance = runner.accept(event, offset, loggedAt);
          owned.events.push(recordOf(event, batch, offset, index, loggedAt, acceptance === "repeat", raw()));
          if (acceptance === "repeat") {
            metrics.repeats.inc();
            return;
          }
          metrics.events.inc({ type: event.type });
          if (acceptance === "late") metrics.late.inc();
          runner.changedSince ??= offset;
          owned.touched.add(runner);
        },
        ({ refusal, letter }) => letters.push({ refusal, letter }),
      );
    }
    // Before anything is awaited, so that a snapshot taken meanwhile says what it includes.
    owned.taken = batch.nextOffset;
    for (const runner of owned.touched) if (runner.nextOffset < batch.nextOffset) runner.nextOffset = batch.nextOffset;
    this.#waiting += owned.events.length - before;
    metrics.waitingEvents.set(this.#waiting);
    if (letters.length > 0) {
      // Before the offset can be committed: a dead letter may come twice, but is never lost.
      await this.#untilDone("write dead letters", () =>
        log.append(
          topics.deadLetters.name,
          letters.map(({ letter }) => letter),
        ),
      );
      for (const { refusal } of letters) metrics.deadLetters.inc({ error: refusal.code });
    }
    owned.position = batch.nextOffset;
    owned.end = Math.max(owned.end ?? 0, batch.highWatermark);
    metrics.lag.set({ partition: batch.partition }, owned.lag);
    this.#computeSoon();
  }

  // ── computing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #computeSoon(): void {
    if (this.#computing !== null || this.#closed) return;
    this.#computing = setTimeout(() => this.#computeSlice(), this.#options.settings.computeEveryMs);
  }

  /** Some machines, then whatever else waits for the processor, then the next ones: no event waits for all machines. */
  #computeSlice(): void {
    let left = SLICE;
    let reached = true;
    for (const owned of this.#partitions.values()) {
      const before = owned.touched.size;
      if (before > 0 && !this.#computeTouchedOf(owned, left)) reached = false;
      left -= before - owned.touched.size;
      if (left <= 0) {
        setImmediate(() => this.#computeSlice());
        return;
      }
    }
    this.#computing = null;
    if (!reached) this.#computeSoon();
  }

  /** While a partition is behind, its time is that of its events: the clock would show states that are long over. */
  #nowOf(owned: OwnedPartition, runner: MachineRunner): number {
    const now = this.#options.clock();
    if (owned.caughtUp) return now;
    return Math.min(now, Math.max(runner.engine.now, runner.engine.lastEventAt + 1));
  }

  /** `false`: some machines are further behind than a step, and have to be computed again. */
  #computeTouched(): boolean {
    let reached = true;
    for (const owned of this.#partitions.values()) if (!this.#computeTouchedOf(owned)) reached = false;
    return reached;
  }

  /** At most so many machines. `false`: some are further behind than a step, and have to be computed again. */
  #computeTouchedOf(owned: OwnedPartition, max: number = Infinity): boolean {
    const records: (LiveRecord | TimelineRecord)[] = [];
    let allReached = true;
    let left = max;
    for (const runner of owned.touched) {
      if (left-- <= 0) break;
      const now = this.#nowOf(owned, runner);
      if (!Number.isFinite(now)) continue;
      const waits = now - runner.reached > STEP_MS && owned.pending.size >= ROWS_WAITING_MAX;
      if (waits || !this.#compute(owned, runner, now)) {
        allReached = false;
        continue;
      }
      owned.touched.delete(runner);
      if (owned.caughtUp) this.#addLive(runner, now, records);
    }
    if (records.length > 0) this.#options.live.publish(records);
    return allReached;
  }

  /** Moves a machine on, by a step at most; whether it reached `now`. One without events waits for its first, however old. */
  #compute(owned: OwnedPartition, runner: MachineRunner, now: number): boolean {
    const { reached } = runner;
    if (reached === Infinity) return true;
    const changes = runner.advance(Math.min(now, reached + STEP_MS));
    owned.pending.add(runner.id, changes);
    if (runner.recomputeFrom !== null) this.#coldPath.start();
    return runner.engine.now >= now;
  }

  #addLive(runner: MachineRunner, now: number, records: (LiveRecord | TimelineRecord)[]): void {
    const record = runner.liveRecord(now);
    records.push(record);
    const segments = runner.takeTimeline();
    if (segments !== null) records.push({ kind: "timeline", machine: runner.id, segments });
    const { latency } = record;
    if (latency !== null && latency.loggedAt > 0) {
      const { latency: histogram } = this.#options.metrics;
      histogram.observe({ hop: "event_to_log" }, Math.max(0, latency.loggedAt - latency.eventAt) / 1000);
      histogram.observe({ hop: "log_to_computed" }, Math.max(0, latency.computedAt - latency.loggedAt) / 1000);
    }
  }

  /** Moves machines on for which nothing came, so that rows and displays follow the clock. */
  async #idle(): Promise<void> {
    const { clock, settings, live } = this.#options;
    const machines = [...this.#partitions.values()].reduce((sum, { runners }) => sum + runners.size, 0);
    const idleMs = Math.max(settings.idleEveryMs, (machines / IDLE_MACHINES_PER_SECOND) * 1000);
    for (const owned of [...this.#partitions.values()]) {
      if (!owned.caughtUp) continue;
      let done = 0;
      let records: (LiveRecord | TimelineRecord)[] = [];
      for (const runner of [...owned.runners.values()]) {
        const now = clock();
        if (now - runner.engine.now < idleMs) continue;
        if (this.#compute(owned, runner, now)) this.#addLive(runner, now, records);
        else {
          owned.touched.add(runner);
          this.#computeSoon();
        }
        if (++done % SLICE === 0) {
          live.publish(records);
          records = [];
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      if (records.length > 0) live.publish(records);
    }
  }

  // ── storing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #storeSoon(): Promise<void> {
    if (this.#storing !== null || this.#closed) return;
    // Where only time passes, small writes would cost the store more than they tell.
    const now = performance.now();
    if (this.#waiting === 0 && now - this.#storedAt < IDLE_STORE_EVERY_MS) return;
    this.#storedAt = now;
    await this.#store(false).catch((error: unknown) => this.#options.logger.error({ err: error }, "storing failed"));
  }

  /** One write at a time; `all` checkpoints every changed machine and marks the end of an ownership. */
  async #store(all: boolean): Promise<void> {
    while (this.#storing !== null) await this.#storing.catch(() => undefined);
    this.#storing = this.#storeOnce(all);
    try {
      await this.#storing;
    } finally {
      this.#storing = null;
    }
  }

  async #storeOnce(all: boolean): Promise<void> {
    const { store, log, topics, metrics } = this.#options;
    for (const owned of [...this.#partitions.values()]) {
      // What is taken together was computed together: the rows hold all of these events.
      this.#computeTouchedOf(owned);
      const events = owned.events;
      owned.events = [];
      const { rows, stops, gone } = owned.pending.take();
      const checkpoints = this.#checkpointsOf(owned, all);
      const { taken } = owned;
      const corrected = [...owned.runners.values()]
        .map((runner) => ({ runner, ids: runner.takeComputedCorrections() }))
        .filter(({ ids }) => ids.length > 0);
      const committable = owned.committable;
      const stamp = owned.stamps.next(this.plant.version);
      if (this.#abandoned) return;
      await this.#untilDone("write to the store", async () => {
        if (rows.length > 0) await store.insertRows(rows, stamp);
        if (stops.length + gone.length > 0) await store.insertStops(stops, stamp, gone);
        if (events.length > 0) await store.insertEvents(events);
      });
      owned.storedTo = taken;
      for (const { runner, ids } of corrected) {
        runner.confirmCorrections(ids);
        owned.touched.add(runner);
      }
      if (corrected.length > 0) this.#computeSoon();
      metrics.rowsStored.inc(rows.length);
      metrics.stopsStored.inc(stops.length);
      this.#waiting -= events.length;
      metrics.waitingEvents.set(this.#waiting);
      this.#release();
      if (checkpoints.length > 0) {
        await this.#untilDone("write checkpoints", () => log.append(topics.checkpoints.name, checkpoints));
      }
      if (committable > owned.committed || all) await this.#commit(owned, committable, all);
      if (owned.reconcile && owned.caughtUp && !all) {
        owned.reconcile = false;
        await reconcile(store, owned, this.#options.clock());
      }
    }
  }

  /**
   * Snapshots of machines that changed, taken at once: they hold just the events that are stored with them.
   * At most so many at a time that all machines have their turn within `checkpointEveryMs`.
   */
  #checkpointsOf(owned: OwnedPartition, all: boolean): { key: string; value: Uint8Array }[] {
    const { checkpointEveryMs, storeEveryMs } = this.#options.settings;
    const now = this.#options.clock();
    const turn = Math.max(CHECKPOINTS_MIN, Math.ceil((2 * owned.runners.size * storeEveryMs) / checkpointEveryMs));
    const made: { key: string; value: Uint8Array }[] = [];
    for (const runner of owned.runners.values()) {
      if (runner.changedSince === null) continue;
      if (!all && (made.length >= turn || now - runner.checkpointedAt < checkpointEveryMs)) continue;
      made.push({ key: runner.id, value: encodeCheckpoint(runner.snapshot()) });
      runner.changedSince = null;
      runner.checkpointedAt = now;
    }
    return made;
  }

  async #commit(owned: OwnedPartition, offset: number, clean: boolean): Promise<void> {
    const { topics, logger } = this.#options;
    const metadata = metadataOf({ epoch: owned.stamps.epoch, clean });
    try {
      await this.#consumer?.commit([{ topic: topics.events.name, partition: owned.partition, offset, metadata }]);
      owned.committed = offset;
    } catch (error) {
      // The partition is another member's by now, or the log is away: a restart reads these events again.
      logger.warn({ err: error, partition: owned.partition }, "offset not committed");
    }
  }

  // ── when something does not answer ────────────────────────────────────────────────────────────────────────────────

  async #untilDone(what: string, work: () => Promise<void>): Promise<void> {
    for (let wait = RETRY_FIRST_MS; ; wait = Math.min(RETRY_MAX_MS, wait * 2)) {
      try {
        await work();
        this.#storeFailing = null;
        return;
      } catch (error) {
        this.#options.metrics.storeFailures.inc();
        this.#storeFailing = `cannot ${what}: ${error instanceof Error ? error.message : String(error)}`;
        this.#options.logger.error({ err: error }, `cannot ${what}; trying again`);
        if (this.#closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #released(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #release(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

function recordOf(
  event: PlantEvent,
  batch: RecordBatch,
  offset: number,
  index: number,
  receivedAt: number,
  repeat: boolean,
  raw: string,
): EventRecord {
  return {
    machine: event.machine.id,
    type: event.type,
    at: event.at,
    topic: batch.topic,
    partition: batch.partition,
    offset,
    index,
    receivedAt,
    id: event.id,
    repeat,
    raw,
  };
}

function refused(batch: RecordBatch, i: number, detail: string, raw: string): RefusedEvent {
  const refusal = { code: "invalid", detail } as const;
  return { refusal, letter: deadLetter(batch, i, refusal, Buffer.from(raw)) };
}
