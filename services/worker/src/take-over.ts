/**
 * Takes partitions over that the group assigned to this worker: restores each machine from its checkpoint, or has it
 * computed from stored events where there is none that counts, raises the partition's epoch, and commits that before any
 * row is written with it.
 */
import { minuteStart } from "@oee/columns";
import { REMEMBERED_IDS } from "@oee/engine";
import type { AssignedPartition, EventLog, GroupConsumer, KeyedRecord, PartitionOffset, Topics } from "@oee/event-log";
import { firstOffsetAfter, LogError, messageOf, renewalsBefore } from "@oee/event-log";
import type { Machine } from "@oee/model";
import { GiveWay, type Scheduler } from "@oee/pacing";
import type { Store } from "@oee/store";
import type { Logger } from "pino";
import { byAge } from "./by-age.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import type { Computing } from "./computing.ts";
import type { CurrentPlant } from "./current-plant.ts";
import { lostWith, ownershipOf, Stamps } from "./epoch.ts";
import { MachineRunner } from "./machine-runner.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { OwnedPartition } from "./partition.ts";
import type { Partitions } from "./partitions.ts";
import type { WorkerSettings } from "./settings.ts";
import { matchStore, type StoreMatch } from "./store-match.ts";

export interface TakeOverParts {
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
}

/** Machines asked for in one query. */
const MACHINES_AT_ONCE = 500;
const MINUTE_MS = 60_000;
/** Of a machine without a checkpoint, ids of events that are older than this are not recalled. */
const IDS_SINCE_MS = 7 * 24 * 3_600_000;
/** Epoch ms; before any event that is valid (DI-2). */
const EARLIEST = 0;

export class TakeOver {
  readonly #parts: TakeOverParts;
  #done = false;
  #failing: string | null = null;
  /** By partition: what the store lacked, or the log, when it was taken over; kept until the process ends. */
  readonly #notes = new Map<number, string>();

  constructor(parts: TakeOverParts) {
    this.#parts = parts;
  }

  /** Why no partitions are owned, in a sentence; `null`: they are, or none are assigned to this worker. */
  get waitsFor(): string | null {
    return this.#failing ?? (this.#done ? null : "partitions are not assigned yet");
  }

  /** For readiness: what the store lacked, or the log, in sentences. */
  get notes(): readonly string[] {
    return [...this.#notes.values()];
  }

  /** Takes partitions over and returns where to read on. Throws `StoreError` and `LogError`. */
  async take(assigned: readonly AssignedPartition[], consumer: GroupConsumer | null): Promise<PartitionOffset[]> {
    try {
      const starts = await this.#take(assigned, consumer);
      this.#failing = null;
      this.#done = true;
      return starts;
    } catch (error) {
      this.#failing = `cannot take partitions over: ${messageOf(error)}`;
      throw error;
    }
  }

  async #take(assigned: readonly AssignedPartition[], consumer: GroupConsumer | null): Promise<PartitionOffset[]> {
    const { settings, scheduler, logger, partitions, store, computing, log, topics, metrics } = this.#parts;
    const replaced = await log.replaced(topics.events.name);
    if (replaced !== null) {
      metrics.eventsReplaced.set(1);
      throw new LogError("OEE_LOG_TOPIC_REPLACED", replaced);
    }
    // One for all of them, whatever changes meanwhile.
    const { model } = this.#parts.current;
    const numbers = assigned.map(({ partition }) => partition);
    // Partitions beyond `dealtOver` were added to the events topic alone; they have no machines and no checkpoints.
    const dealt = numbers.filter((partition) => partition < partitions.dealtOver);
    const madeAt = await store.madeAt();
    const machinesOf = new Map<number, Machine[]>();
    for (const machine of model.plant.machines) {
      const home = partitions.homeOf(machine.id);
      const others = machinesOf.get(home);
      if (others === undefined) machinesOf.set(home, [machine]);
      else others.push(machine);
    }
    // The log is read while the store answers.
    const [checkpoints, matches] = await Promise.all([
      this.#checkpointsIn(dealt),
      this.#matches(assigned, madeAt, machinesOf),
    ]);
    const starts: PartitionOffset[] = [];
    const taken: OwnedPartition[] = [];
    const fromCheckpoints: MachineRunner[] = [];
    const epochs: { topic: string; partition: number; offset: number; metadata: string }[] = [];
    for (const [i, { topic, partition, committed }] of assigned.entries()) {
      const before = ownershipOf(committed?.metadata);
      const machines = machinesOf.get(partition) ?? [];
      const match = matches[i] as StoreMatch;
      const stamps = new Stamps(match.epoch + 1);
      const runners = new Map<string, MachineRunner>();
      const lacking = match.kind === "store-lacks";
      const renewals = renewalsBefore(committed?.offset ?? 0);
      // The oldest record that the log still holds.
      const start = lacking ? firstOffsetAfter(renewals) : (committed?.offset ?? 0);
      let ofTopicBefore = 0;
      /** Machines computed from stored events, which do not say what their last ids were. */
      const withoutIds: MachineRunner[] = [];
      const giveWay = new GiveWay(scheduler, partitions.machines === 0);
      for (const machine of machines) {
        if (giveWay.due) await giveWay.now();
        const record = checkpoints.get(machine.id);
        const snapshot = record === undefined ? null : decodeCheckpoint(record.value);
        // A worker that had lost the partition without knowing may have overwritten the last owner's checkpoint with this one.
        const isOfBefore = snapshot !== null && renewalsBefore(snapshot.nextOffset) !== renewals;
        if (isOfBefore) ofTopicBefore++;
        const outdated = lacking || isOfBefore || (snapshot?.epoch ?? 0) < before.checkpoints;
        const restored =
          snapshot === null || outdated
            ? null
            : MachineRunner.restore(model.machine(machine), partition, settings, snapshot, scheduler.now());
        if (record !== undefined && restored === null && !lacking) {
          logger.warn({ code: "OEE_WORKER_CHECKPOINT_UNKNOWN", machine: machine.id }, "computing from stored events");
        }
        const runner = restored ?? new MachineRunner(model.machine(machine), partition, settings);
        if (lacking) {
          // All that the log holds is read again; what is stored of before, and of other owners, is computed with it.
          if (!match.empty) runner.recompute.ask(EARLIEST);
        } else if (restored === null && (record !== undefined || start > 0 || match.kind === "log-new")) {
          // Its events lie before the committed offset, so they will not be read again: they are computed from the store.
          // What an overwritten checkpoint said of pending recomputes is lost, so everything is recomputed.
          const overwritten = outdated && !isOfBefore && record !== undefined;
          // What was read of a topic before and is not in its checkpoint is stored at best.
          const since = isOfBefore ? snapshot.engine.now : Infinity;
          const from = Math.min(since, snapshot?.recomputeFrom ?? (isOfBefore ? Infinity : -Infinity));
          runner.recompute.ask(overwritten ? EARLIEST : from);
          if (snapshot !== null) runner.recallPlaces(snapshot);
          if (snapshot === null || outdated) withoutIds.push(runner);
          else runner.rememberIds(snapshot.engine.events.ids);
        }
        runner.checkpoint.takenOver(scheduler.elapsed(), stamps.last);
        // Marked as changed, so that it is checkpointed in this epoch before the offset is committed any further.
        if (record !== undefined) runner.checkpoint.lacks(start);
        if (restored !== null) fromCheckpoints.push(restored);
        runners.set(machine.id, runner);
      }
      if (ofTopicBefore > 0 && match.kind === "same") this.#tellLogNew(partition);
      const offset = match.kind === "log-new" ? Number.MAX_SAFE_INTEGER : start;
      await this.#recallIds(withoutIds, { topic, partition, offset });
      const stored = lacking ? 0n : before.stored;
      const lost = lostWith(before);
      const { catchingUpFrom } = settings;
      const owned = new OwnedPartition(partition, runners, stamps, start, lost, madeAt, stored, catchingUpFrom);
      await computing.recall(owned, giveWay);
      taken.push(owned);
      starts.push({ topic, partition, offset: start });
      epochs.push({ topic, partition, offset: start, metadata: owned.metadata(false) });
    }
    // Needed by the first event, and asked of all partitions at once, which is fewer queries.
    await this.#askStoredTo(fromCheckpoints);
    await this.#forgetRestated(fromCheckpoints);
    // The new epoch is committed before any row is written with it.
    await consumer?.commit(epochs);
    for (const owned of taken) partitions.add(owned);
    return starts;
  }

  /** One partition after the other: the embedded store runs one query at a time and has room for few that wait. */
  async #matches(
    assigned: readonly AssignedPartition[],
    madeAt: number,
    machinesOf: ReadonlyMap<number, readonly Machine[]>,
  ): Promise<StoreMatch[]> {
    const matches: StoreMatch[] = [];
    for (const one of assigned) matches.push(await this.#match(one, madeAt, machinesOf.get(one.partition) ?? []));
    return matches;
  }

  /** Holds the store to what was committed, once a start: later owners were this store's too. */
  async #match(
    { partition, committed }: AssignedPartition,
    madeAt: number,
    machines: readonly Machine[],
  ): Promise<StoreMatch> {
    const before = ownershipOf(committed?.metadata);
    const offset = committed?.offset ?? 0;
    if (this.#done || machines.length === 0) return { kind: "same", epoch: before.epoch };
    const { store, logger, topics } = this.#parts;
    const ids = machines.map(({ id }) => id);
    const match = await matchStore(store, madeAt, before, offset, ids);
    const where = `partition ${partition} of ${topics.events.name}`;
    if (match.kind === "store-lacks") {
      const message = `the store ${match.why}: all that the log still holds is computed again; older history is in a back-up at best`;
      this.#notes.set(partition, `${where}: ${message}`);
      logger.error({ code: "OEE_DATA_STORE_GONE", partition, offset }, message);
    } else if (match.kind === "log-new") {
      this.#tellLogNew(partition);
    }
    return match;
  }

  /** Its topic, or all of the log, was made anew. */
  #tellLogNew(partition: number): void {
    const { logger, topics } = this.#parts;
    const message = "the log is new beside a store that has rows of its machines: they are computed from stored events";
    this.#notes.set(partition, `partition ${partition} of ${topics.events.name}: ${message}`);
    logger.error({ code: "OEE_DATA_LOG_GONE", partition }, message);
  }

  /** Gives machines without a checkpoint the ids of their last events before an offset, or repeats that come would count again (CN-4). */
  async #recallIds(runners: readonly MachineRunner[], before: PartitionOffset): Promise<void> {
    const { store, scheduler } = this.#parts;
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
    for (const some of byAge(runners)) {
      const since = (some[0] as MachineRunner).reached;
      const machines = some.map(({ id }) => id);
      const newest = await this.#parts.store.newestMinutes(machines, undefined, since - (since % MINUTE_MS));
      for (const runner of some) {
        const minute = newest.get(runner.id);
        if (minute !== undefined) runner.foundStoredTo(minute + MINUTE_MS);
      }
    }
  }

  /**
   * Has windows filled from stored rows whose time before the plant file changed `oee recompute` restated while nothing ran
   * (DI-3): rows of the plant file of now lie before those that the machine has made by it.
   */
  async #forgetRestated(runners: readonly MachineRunner[]): Promise<void> {
    const changedAt = new Map<number, MachineRunner[]>();
    for (const runner of runners) {
      const { plantFrom, now } = runner.engine;
      if (plantFrom === -Infinity || plantFrom <= runner.windows.from(now)) continue;
      const others = changedAt.get(plantFrom);
      if (others === undefined) changedAt.set(plantFrom, [runner]);
      else others.push(runner);
    }
    for (const [to, changed] of changedAt) {
      const from = minuteStart(Math.min(...changed.map(({ windows, engine }) => windows.from(engine.now))));
      for (let i = 0; i < changed.length; i += MACHINES_AT_ONCE) {
        const some = changed.slice(i, i + MACHINES_AT_ONCE);
        const stored = await this.#parts.store.inventory({ machines: some.map(({ id }) => id), period: { from, to } });
        for (const { id, model, windows } of some) {
          if (stored.get(id)?.plantVersions.has(model.plant.version) === true) windows.forget();
        }
      }
    }
  }

  async #checkpointsIn(numbers: readonly number[]): Promise<Map<string, KeyedRecord>> {
    if (numbers.length === 0) return new Map();
    const { log, topics, partitions } = this.#parts;
    const { name } = topics.checkpoints;
    const all = await log.readKeyed(name, numbers);
    if ([...all].every(([machine, { partition }]) => partitions.homeOf(machine) === partition)) return all;
    // `oee topics` dealt machines anew, or was cut off: a checkpoint outside its machine's partition is an old copy.
    const atHome = new Map<string, KeyedRecord>();
    for (const number of numbers) {
      for (const [machine, record] of await log.readKeyed(name, [number])) {
        if (partitions.homeOf(machine) === number) atHome.set(machine, record);
      }
    }
    return atHome;
  }
}
