/**
 * The stream worker: reads events from the log, computes them by one engine per machine, and writes rows, stops and raw
 * events to the store and live records to displays. Delivery is at least once and writes are idempotent: an offset is
 * committed only when the rows, raw events and checkpoints of the events before it are acknowledged, and every write has a
 * deterministic key and a version that grows. While the store or the log fails the worker retries and stops reading.
 */
import { PlantModel, REMEMBERED_IDS } from "@oee/engine";
import {
  type AppendRecord,
  type AssignedPartition,
  type EventLog,
  type GroupConsumer,
  type KeyedRecord,
  messageOf,
  partitionOf,
  type PartitionOffset,
  type RecordBatch,
  type TopicPartition,
  type Topics,
  type UnreadableBatch,
} from "@oee/event-log";
import {
  type CorrectionEvent,
  EventDecoder,
  type Machine,
  NO_FIELDS,
  type Plant,
  type Refusal,
  UnknownFields,
} from "@oee/model";
import { GiveWay, type Scheduler } from "@oee/pacing";
import type { LiveSink } from "@oee/protocol";
import type { EventHead, Store } from "@oee/store";
import type { Logger } from "pino";
import { ByMachine, type TakeEvent } from "./by-machine.ts";
import { ColdPath } from "./cold-path.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import { Computing } from "./computing.ts";
import { inPieces, letterOfUnreadable } from "./dead-letters.ts";
import { lostWith, type Ownership, ownershipOf, Stamps } from "./epoch.ts";
import { foundAt, handedOver } from "./hand-over.ts";
import { deadLetter, decodeBatch, type RefusedEvent } from "./decode-batch.ts";
import { dealtOver } from "./layout.ts";
import { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { Misplaced } from "./misplaced.ts";
import { OwnedPartition } from "./partition.ts";
import { PartitionWatch } from "./partition-watch.ts";
import type { WorkerSettings } from "./settings.ts";
import { matchStore, type StoreMatch } from "./store-match.ts";
import { Storing } from "./storing.ts";

export interface WorkerOptions {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly store: Store;
  readonly plant: Plant;
  readonly live: LiveSink;
  /** Every clock and timer of the worker; `now` is the time of day by which it computes. */
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly settings: WorkerSettings;
  /** Why a correction of closed time becomes a dead letter; `null`: it does not. Without it no time is closed. */
  readonly refusalOfClosed?: (correction: CorrectionEvent) => Refusal | null;
}

/** What `/health/ready` tells of a worker. */
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
  /** Machines whose older time is being computed again, or waits for it. */
  readonly toRecompute: number;
  /** Machines of which something is not computed or not stored, with what and why; the first of them. */
  readonly setAside: readonly string[];
  readonly machinesSetAside: number;
  /** What works, but should be looked at: sentences with what to do. */
  readonly notes: readonly string[];
}

/** Readiness names at most this many machines; `machinesSetAside` counts all. */
const SET_ASIDE_NAMED_MAX = 20;
/** Machines asked for in one query. */
const MACHINES_AT_ONCE = 500;
const MINUTE_MS = 60_000;
/** So many events of a batch are put in order by machine at once. */
const GROUPED_EVENTS_MAX = 20_000;
/** Of a machine without a checkpoint, ids of events that are older than this are not recalled. */
const IDS_SINCE_MS = 7 * 24 * 3_600_000;
/** Epoch ms; before any event that is valid (DI-2). */
const EARLIEST = 0;

export class Worker {
  readonly #options: WorkerOptions;
  readonly #refusalOfClosed: (correction: CorrectionEvent) => Refusal | null;
  readonly #partitions = new Map<number, OwnedPartition>();
  readonly #computing: Computing;
  readonly #storing: Storing;
  readonly #coldPath: ColdPath;
  #model: PlantModel;
  #decoder: EventDecoder;
  readonly #unknownFields = new UnknownFields();
  readonly #byMachine = new ByMachine();
  #consumer: GroupConsumer | null = null;
  readonly #watch: PartitionWatch;
  readonly #misplaced: Misplaced;
  /** Number of partitions over which machines are dealt; the events topic may have more. */
  #dealtOver = 0;
  #closed = false;
  #joined = false;
  /** By partition: what the store lacked, or the log, when it was taken over; kept until the process ends. */
  readonly #storeNotes = new Map<number, string>();
  /** Why assigned partitions could not be taken over, in a sentence; `null`: they were, or none came. */
  #takingOver: string | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#refusalOfClosed = options.refusalOfClosed ?? (() => null);
    this.#model = new PlantModel(options.plant);
    this.#decoder = new EventDecoder(options.plant, options.settings);
    const owned = (): Iterable<OwnedPartition> => this.#partitions.values();
    this.#computing = new Computing({ ...options, owned, onRecompute: () => this.#coldPath.start() });
    this.#storing = new Storing({
      ...options,
      owned,
      computing: this.#computing,
      plantVersion: () => this.plant.version,
      consumer: () => this.#consumer,
      recomputeSoon: () => this.#coldPath.start(),
    });
    this.#coldPath = new ColdPath({
      ...options,
      owned,
      plant: () => this.plant,
      decoder: () => this.#decoder,
      storeNow: () => this.#storing.store(false),
      nowOf: (partition, runner) => this.#computing.nowOf(partition, runner),
      untilDone: (what, work) => this.#storing.untilDone(what, work),
      computeSoon: () => this.#computing.soon(),
    });
    this.#watch = new PartitionWatch({
      ...options,
      owned,
      failing: () => this.#storing.failing,
      waiting: () => this.#storing.waiting,
      onCaughtUp: () => this.#computing.soon(),
    });
    this.#misplaced = new Misplaced({ ...options, partitions: () => this.#watch.partitions });
  }

  get plant(): Plant {
    return this.#model.plant;
  }

  /** Joins the consumer group; resolves before partitions are assigned. */
  async start(): Promise<void> {
    const { log, topics, settings } = this.#options;
    this.#dealtOver = await dealtOver(log, topics);
    this.#consumer = log.consume({
      groupId: settings.groupId,
      topics: [topics.events.name],
      keepsNothing: true,
      onAssigned: async (partitions) => {
        try {
          const starts = await this.#assigned(partitions);
          this.#takingOver = null;
          return starts;
        } catch (error) {
          this.#takingOver = `cannot take partitions over: ${messageOf(error)}`;
          throw error;
        }
      },
      onRevoked: (partitions) => this.#revoked(partitions),
      onBatch: (batch) => this.#take(batch),
    });
    this.#computing.start();
    this.#storing.start();
    this.#watch.start(this.#dealtOver);
  }

  status(): WorkerStatus {
    const partitions = [...this.#partitions.values()];
    const lag = partitions.reduce((sum, owned) => sum + owned.lag, 0);
    let machines = 0;
    let newest = -Infinity;
    let recomputing = 0;
    let waiting = 0;
    let machinesSetAside = 0;
    const setAside: string[] = [];
    for (const { runners } of partitions) {
      machines += runners.size;
      for (const runner of runners.values()) {
        newest = Math.max(newest, runner.engine.lastEventAt);
        if (runner.recomputing) recomputing++;
        if (runner.recomputing || runner.recomputeFrom !== null) waiting++;
        const aside = runner.setAside;
        if (aside === null) continue;
        machinesSetAside++;
        if (setAside.length < SET_ASIDE_NAMED_MAX) setAside.push(`${runner.id}: ${aside}`);
      }
    }
    const { state, lastError } = this.#options.log.describe();
    const logFailing = state === "disconnected" ? `the log does not answer: ${lastError?.message ?? state}` : null;
    const stopped = partitions.find((owned) => owned.stopped !== null)?.stopped ?? null;
    const stalled = this.#watch.stalls.map((stall) => stall.reason).join("; ");
    const unassigned = this.#takingOver ?? (this.#joined ? null : "partitions are not assigned yet");
    const reason = this.#storing.failing ?? logFailing ?? stopped ?? unassigned ?? stalled;
    return {
      ready: reason === "",
      reason,
      partitions: partitions.length,
      machines,
      lag,
      waitingEvents: this.#storing.waiting,
      newestEventAt: Number.isFinite(newest) ? newest : null,
      recomputing,
      toRecompute: waiting,
      setAside,
      machinesSetAside,
      notes: [
        ...recomputeNotes(waiting),
        ...this.#storeNotes.values(),
        ...this.#coldPath.notes,
        ...this.#watch.notes,
        ...this.#misplaced.notes,
      ],
    };
  }

  /** Applies a changed plant file from the current minute on (DI-3). Its windows may differ while its version does not. */
  setPlant(plant: Plant): void {
    const windowsOf = (of: Plant): string => JSON.stringify(of.windows);
    if (plant.version === this.plant.version && windowsOf(plant) === windowsOf(this.plant)) return;
    const now = this.#options.scheduler.now();
    for (const owned of this.#partitions.values())
      for (const runner of owned.runners.values()) while (!this.#computing.moveOn(owned, runner, now));
    this.#model = new PlantModel(plant);
    this.#decoder = new EventDecoder(plant, this.#options.settings);
    for (const owned of this.#partitions.values()) {
      const before = new Map(owned.runners);
      owned.runners.clear();
      owned.touched.clear();
      owned.urgent.clear();
      for (const machine of plant.machines) {
        if (this.#homeOf(machine.id) !== owned.partition) continue;
        const old = before.get(machine.id);
        const runner =
          old === undefined
            ? this.#newRunner(machine.id, owned.partition)
            : MachineRunner.restore(
                this.#model.machine(machine),
                owned.partition,
                this.#options.settings,
                structuredClone(old.snapshot(owned.stamps.epoch, owned.taken)),
                now,
              );
        if (runner === null) continue;
        if (old !== undefined) {
          runner.changedSince = old.changedSince ?? owned.position;
          runner.checkpointEpoch = old.checkpointEpoch;
          runner.soundTo = old.soundTo;
        }
        owned.runners.set(machine.id, runner);
        owned.touched.add(runner);
      }
    }
    this.#computing.soon();
    this.#coldPath.start();
  }

  /** Resolves when every event read so far is computed and stored, recomputes and lost versions included. For tests and simulations. */
  async settle(): Promise<void> {
    for (;;) {
      while (!this.#computing.computeTouched()) await this.#storing.store(false);
      await this.#coldPath.idle();
      await this.#storing.store(false);
      await this.#storing.store(false);
      let lost = false;
      for (const owned of this.#partitions.values()) {
        if (owned.caughtUp && (await this.#storing.lookForLost(owned))) lost = true;
      }
      if (!lost) return;
    }
  }

  /** Leaves the group without storing, checkpointing or committing anything more, as a crash would. For simulations. */
  async abandon(): Promise<void> {
    this.#storing.abandon();
    this.#partitions.clear();
    await this.close();
  }

  /** Leaves the group in order: stores, checkpoints and commits everything that was read. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#coldPath.close();
    this.#computing.close();
    this.#storing.close();
    await this.#consumer?.close();
    await this.#storing.idle();
    await this.#coldPath.idle();
  }

  // ── partitions come and go ────────────────────────────────────────────────────────────────────────────────────────

  async #assigned(assigned: readonly AssignedPartition[]): Promise<PartitionOffset[]> {
    const { settings, scheduler, logger } = this.#options;
    const numbers = assigned.map(({ partition }) => partition);
    // Partitions beyond `#dealtOver` were added to the events topic alone; they have no machines and no checkpoints.
    const dealt = numbers.filter((partition) => partition < this.#dealtOver);
    const checkpoints = await this.#checkpointsIn(dealt);
    const madeAt = await this.#options.store.madeAt();
    const starts: PartitionOffset[] = [];
    const epochs: { topic: string; partition: number; offset: number; metadata: string }[] = [];
    for (const { topic, partition, committed } of assigned) {
      const before = ownershipOf(committed?.metadata);
      const machines = this.plant.machines.filter(({ id }) => this.#homeOf(id) === partition);
      const match = await this.#match(partition, madeAt, before, committed?.offset ?? 0, machines);
      const stamps = new Stamps(match.epoch + 1);
      const runners = new Map<string, MachineRunner>();
      const lacking = match.kind === "store-lacks";
      // The oldest record that the log still holds.
      const start = lacking ? 0 : (committed?.offset ?? 0);
      /** Machines computed from stored events, which do not say what their last ids were. */
      const withoutIds: MachineRunner[] = [];
      const fromCheckpoints: MachineRunner[] = [];
      const giveWay = new GiveWay(scheduler);
      for (const machine of machines) {
        if (giveWay.due) await giveWay.now();
        const record = checkpoints.get(machine.id);
        const snapshot = record === undefined ? null : decodeCheckpoint(record.value);
        // A worker that had lost the partition without knowing may have overwritten the last owner's checkpoint with this one.
        const outdated = lacking || (snapshot?.epoch ?? 0) < before.checkpoints;
        const restored =
          snapshot === null || outdated
            ? null
            : MachineRunner.restore(this.#model.machine(machine), partition, settings, snapshot, scheduler.now());
        if (record !== undefined && restored === null && !lacking) {
          logger.warn({ code: "OEE_WORKER_CHECKPOINT_UNKNOWN", machine: machine.id }, "computing from stored events");
        }
        const runner = restored ?? this.#newRunner(machine.id, partition);
        if (lacking) {
          // All that the log holds is read again; what is stored of before, and of other owners, is computed with it.
          if (!match.empty) runner.recomputeFrom = EARLIEST;
        } else if (restored === null && (record !== undefined || start > 0 || match.kind === "log-new")) {
          // Its events lie before the committed offset, so they will not be read again: they are computed from the store.
          // What an overwritten checkpoint said of pending recomputes is lost, so everything is recomputed.
          runner.recomputeFrom = outdated && record !== undefined ? EARLIEST : (snapshot?.recomputeFrom ?? -Infinity);
          if (snapshot !== null) runner.recallPlaces(snapshot);
          if (snapshot === null || outdated) withoutIds.push(runner);
          else runner.rememberIds(snapshot.engine.events.ids);
        }
        runner.soundTo = stamps.last;
        // Marked as changed, so that it is checkpointed in this epoch before the offset is committed any further.
        if (record !== undefined) runner.changedSince = start;
        if (restored !== null) fromCheckpoints.push(restored);
        runner.checkpointedAt = scheduler.elapsed();
        runners.set(machine.id, runner);
      }
      const offset = match.kind === "log-new" ? Number.MAX_SAFE_INTEGER : start;
      await this.#recallIds(withoutIds, { topic, partition, offset });
      await this.#askStoredTo(fromCheckpoints);
      const stored = lacking ? 0n : before.stored;
      const lost = lostWith(before);
      const { catchingUpFrom } = settings;
      const owned = new OwnedPartition(partition, runners, stamps, start, lost, madeAt, stored, catchingUpFrom);
      this.#partitions.set(partition, owned);
      for (const runner of runners.values()) owned.touched.add(runner);
      starts.push({ topic, partition, offset: start });
      epochs.push({ topic, partition, offset: start, metadata: owned.metadata(false) });
    }
    // The new epoch is committed before any row is written with it.
    await this.#consumer?.commit(epochs);
    this.#joined = true;
    this.#options.metrics.machines.set(this.status().machines);
    logger.info({ partitions: numbers, machines: this.status().machines }, "partitions assigned");
    // Asks the log where the partitions end: one without new records counts as caught up only then.
    this.#watch.look();
    this.#coldPath.start();
    return starts;
  }

  /** Holds the store to what was committed, once a start: later owners were this store's too. */
  async #match(
    partition: number,
    madeAt: number,
    before: Ownership,
    offset: number,
    machines: readonly Machine[],
  ): Promise<StoreMatch> {
    if (this.#joined || machines.length === 0) return { kind: "same", epoch: before.epoch };
    const { store, logger, topics } = this.#options;
    const ids = machines.map(({ id }) => id);
    const match = await matchStore(store, madeAt, before, offset, ids);
    const where = `partition ${partition} of ${topics.events.name}`;
    if (match.kind === "store-lacks") {
      const told = `the store ${match.why}: all that the log still holds is computed again; older history is in a back-up at best`;
      this.#storeNotes.set(partition, `${where}: ${told}`);
      logger.error({ code: "OEE_DATA_STORE_GONE", partition, offset }, told);
    } else if (match.kind === "log-new") {
      const told = "the log is new beside a store that has rows of its machines: they are computed from stored events";
      this.#storeNotes.set(partition, `${where}: ${told}`);
      logger.error({ code: "OEE_DATA_LOG_GONE", partition }, told);
    }
    return match;
  }

  /** Gives machines without a checkpoint the ids of their last events before an offset, or repeats that come would count again (CN-4). */
  async #recallIds(runners: readonly MachineRunner[], before: PartitionOffset): Promise<void> {
    const { store, scheduler } = this.#options;
    for (let i = 0; i < runners.length; i += MACHINES_AT_ONCE) {
      const some = runners.slice(i, i + MACHINES_AT_ONCE);
      const machines = some.map(({ id }) => id);
      const ids = await store.lastIds({
        machines,
        since: scheduler.now() - IDS_SINCE_MS,
        before,
        limit: REMEMBERED_IDS,
      });
      for (const runner of some) runner.rememberIds(ids.get(runner.id) ?? []);
    }
  }

  /** Tells machines how far the last owner's rows reach: beyond its checkpoint a machine goes on by the clock. */
  async #askStoredTo(runners: readonly MachineRunner[]): Promise<void> {
    // By age of their checkpoints, so that one that is long silent does not have all rows of the others looked at.
    const byAge = runners.toSorted((a, b) => a.reached - b.reached);
    for (let i = 0; i < byAge.length; i += MACHINES_AT_ONCE) {
      const some = byAge.slice(i, i + MACHINES_AT_ONCE).filter(({ reached }) => Number.isFinite(reached));
      const since = some[0]?.reached;
      if (since === undefined) continue;
      const machines = some.map(({ id }) => id);
      const newest = await this.#options.store.newestMinutes(machines, undefined, since - (since % MINUTE_MS));
      for (const runner of some) {
        const minute = newest.get(runner.id);
        if (minute !== undefined) runner.storedTo = minute + MINUTE_MS;
      }
    }
  }

  async #checkpointsIn(partitions: readonly number[]): Promise<Map<string, KeyedRecord>> {
    if (partitions.length === 0) return new Map();
    const { log, topics } = this.#options;
    const { name } = topics.checkpoints;
    const all = await log.readKeyed(name, partitions);
    if ([...all].every(([machine, { partition }]) => this.#homeOf(machine) === partition)) return all;
    // `oee topics` dealt machines anew, or was cut off: a checkpoint outside its machine's partition is an old copy.
    const atHome = new Map<string, KeyedRecord>();
    for (const partition of partitions) {
      for (const [machine, record] of await log.readKeyed(name, [partition])) {
        if (this.#homeOf(machine) === partition) atHome.set(machine, record);
      }
    }
    return atHome;
  }

  #homeOf(machine: string): number {
    return partitionOf(machine, this.#dealtOver);
  }

  async #revoked(revoked: readonly TopicPartition[]): Promise<void> {
    await this.#storing.store(true).catch((error: unknown) => {
      this.#options.logger.error({ err: error }, "handing partitions over without a checkpoint");
    });
    for (const { partition } of revoked) {
      this.#partitions.delete(partition);
      // Its new owner reports its lag from now on.
      this.#options.metrics.lag.remove({ partition });
    }
    this.#options.metrics.machines.set(this.status().machines);
  }

  #newRunner(id: string, partition: number): MachineRunner {
    const machine = this.plant.machineById.get(id);
    if (machine === undefined) throw new Error(`no machine ${id} in the plant`);
    return new MachineRunner(this.#model.machine(machine), partition, this.#options.settings);
  }

  // ── events in ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #take(batch: RecordBatch): Promise<void> {
    await this.#storing.room();
    const owned = this.#partitions.get(batch.partition);
    if (owned === undefined) return;
    if (batch.unreadable !== null) {
      await this.#takeUnreadable(owned, batch, batch.unreadable);
      return;
    }
    const { metrics, log, topics, scheduler } = this.#options;
    const letters: RefusedEvent[] = [];
    const elsewhere: AppendRecord[] = [];
    const taken = { state: 0, count: 0, total: 0, job: 0, correction: 0 };
    let repeats = 0;
    let late = 0;
    const { arriving } = this.#storing;
    const before = arriving.length;
    const { topic, partition } = batch;
    // The head of the current event: one object, filled again for each, so that nothing is allocated.
    const taking: { -readonly [field in keyof EventHead]: EventHead[field] } = {
      ...{ machine: "", type: "state", at: 0, topic, partition, offset: 0, index: 0, receivedAt: 0 },
      ...{ id: null, repeat: false },
    };
    const countUnknown = (type: string, field: string): void => metrics.unknownFields.inc({ type, field });
    let touching: MachineRunner | null = null;
    const take: TakeEvent = (runner, event, record, index, bytes, start, end) => {
      const offset = batch.offsetAt(record);
      const place = foundAt(batch, record);
      const from = event.type === "correction" ? event.from : event.at;
      if (from < runner.storedTo) this.#computing.reachStored(owned, runner, from);
      const receivedAt = batch.timestampAt(record);
      const again = place !== null && !runner.markTaken(place);
      const acceptance = again ? "repeat" : runner.accept(event, offset, receivedAt);
      const { type } = event;
      taking.machine = runner.id;
      taking.type = type;
      taking.at = event.at;
      taking.offset = offset;
      taking.index = index;
      taking.receivedAt = receivedAt;
      taking.id = event.id;
      taking.repeat = acceptance === "repeat";
      arriving.add(taking, bytes, start, end);
      if (taking.repeat) {
        repeats++;
        return;
      }
      taken[type]++;
      if (acceptance === "late") late++;
      if (type === "correction" && !owned.catchingUp) {
        this.#storing.hurry();
        owned.urgent.add(runner);
      }
      if (runner === touching) return;
      touching = runner;
      runner.changedSince ??= offset;
      owned.touched.add(runner);
      if (!owned.catchingUp && this.#computing.mayBeShown(runner.id)) owned.urgent.add(runner);
    };
    const byMachine = this.#byMachine;
    // Of a batch that failed, which comes again.
    byMachine.clear();
    decodeBatch(
      batch,
      this.#decoder,
      scheduler.now(),
      (event, record, index, bytes, start, end) => {
        const { unknownFields } = this.#decoder;
        if (unknownFields !== NO_FIELDS) this.#unknownFields.add(event.type, unknownFields, countUnknown);
        const { id, index: machine } = event.machine;
        const group = byMachine.groupAt(machine) ?? byMachine.begin(machine, owned.runners.get(id) ?? null);
        const { runner } = group;
        if (runner === null) {
          const raw = bytes.subarray(start, end);
          elsewhere.push(handedOver(batch, record, index, id, raw, this.#homeOf(id)));
          this.#misplaced.found(batch, record, id, this.#homeOf(id));
        } else if (batch.offsetAt(record) >= Math.max(runner.nextOffset, owned.taken)) {
          const refusal = event.type === "correction" ? this.#refusalOfClosed(event) : null;
          if (refusal !== null) {
            letters.push({ refusal, letter: deadLetter(batch, record, refusal, bytes.subarray(start, end)) });
            return;
          }
          byMachine.add(group, event, record, index, bytes, start, end);
          if (byMachine.length >= GROUPED_EVENTS_MAX) byMachine.drain(take);
        }
      },
      (refused) => letters.push(refused),
      log.stampsRecords,
    );
    byMachine.drain(take);
    // Set before anything is awaited, so that a snapshot taken meanwhile names the offset that it includes.
    owned.taken = batch.nextOffset;
    this.#storing.add(arriving.length - before);
    for (const [type, count] of Object.entries(taken)) if (count > 0) metrics.events.inc({ type }, count);
    metrics.repeats.inc(repeats);
    metrics.late.inc(late);
    if (elsewhere.length > 0) {
      // Appended before the offset can be committed, and before later events of this partition are read.
      await this.#storing.untilDone("hand events over to their machines' partitions", () =>
        log.append(topics.events.name, elsewhere),
      );
    }
    if (letters.length > 0) {
      // Written before the offset can be committed: a dead letter may be written twice, but is never lost.
      await this.#storing.untilDone("write dead letters", () =>
        log.append(
          topics.deadLetters.name,
          letters.flatMap(({ letter }) => inPieces(letter)),
        ),
      );
      for (const { refusal } of letters) metrics.deadLetters.inc({ error: refusal.code });
    }
    this.#reached(owned, batch);
  }

  /** Moves the position behind the batch: its events, dead letters and handed-over events are all done with. */
  #reached(owned: OwnedPartition, batch: RecordBatch): void {
    owned.position = batch.nextOffset;
    owned.ends(batch.readableEnd, batch.highWatermark);
    this.#computing.soon();
  }

  /** Writes a batch that cannot be read to the dead letters as it is stored, or stops its partition (`unreadableBatches`). */
  async #takeUnreadable(owned: OwnedPartition, batch: RecordBatch, unreadable: UnreadableBatch): Promise<void> {
    const { metrics, log, topics, settings } = this.#options;
    const { reason, detail } = unreadable;
    if (settings.unreadableBatches === "stop") {
      owned.ends(batch.readableEnd, batch.highWatermark);
      if (owned.stopped === null) metrics.unreadableBatches.inc({ reason });
      owned.stopped = `OEE_WORKER_BATCH_UNREADABLE: partition ${batch.partition} stands at offset ${unreadable.offset}: ${detail}; --unreadable-batches dead-letter goes on behind it`;
      // The log delivers a batch again, at growing intervals, when its handler throws.
      throw new Error(owned.stopped);
    }
    await this.#storing.untilDone("write dead letters", () =>
      log.append(topics.deadLetters.name, inPieces(letterOfUnreadable(batch, unreadable))),
    );
    metrics.unreadableBatches.inc({ reason });
    metrics.deadLetters.inc({ error: "unreadable" });
    owned.taken = batch.nextOffset;
    this.#reached(owned, batch);
  }
}

/** What readiness says while stored rows of some machines may still be wrong. */
function recomputeNotes(machines: number): readonly string[] {
  if (machines === 0) return [];
  return [`older figures of ${machines === 1 ? "1 machine" : `${machines} machines`} are being computed again`];
}
