/**
 * The stream worker: reads events from the log, computes them by one engine per machine, and writes rows, stops and raw
 * events to the store and live records to displays. Delivery is at least once and writes are idempotent: an offset is
 * committed only when the rows, raw events and checkpoints of the events before it are acknowledged, and every write has a
 * deterministic key and a version that grows. While the store or the log fails the worker retries and stops reading.
 *
 * It is a pipeline. `TakeOver` makes an `OwnedPartition` of each partition; `Intake` gives its events to their machines,
 * `Computing` moves machines on in time, `Checkpointing` and `Storing` write what came of it, and `ColdPath` recomputes older
 * time beside the stream. A stage knows those that it uses; what one wants of a later one it says by a `Notifier`.
 */
import {
  type AssignedPartition,
  type EventLog,
  type GroupConsumer,
  isNeeded,
  notRead,
  type PartitionOffset,
  type TopicPartition,
  type Topics,
} from "@oee/event-log";
import type { CorrectionEvent, ParsePlant, Plant, Refusal } from "@oee/model";
import type { Scheduler } from "@oee/pacing";
import type { LiveSink } from "@oee/protocol";
import type { Store } from "@oee/store";
import type { Logger } from "pino";
import { Checkpointing } from "./checkpointing.ts";
import { ColdPath } from "./cold-path.ts";
import { Computing } from "./computing.ts";
import { CurrentPlant } from "./current-plant.ts";
import { DurableWrites } from "./durable-writes.ts";
import { Intake } from "./intake.ts";
import { dealtOver } from "./layout.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { Misplaced } from "./misplaced.ts";
import { PartitionWatch } from "./partition-watch.ts";
import { Partitions } from "./partitions.ts";
import { PlantChange } from "./plant-change.ts";
import type { WorkerSettings } from "./settings.ts";
import { Notifier } from "./notifier.ts";
import { clockNotes, recomputeNotes, statusOf, type WorkerStatus } from "./status.ts";
import { Storing } from "./storing.ts";
import { TakeOver } from "./take-over.ts";
import { WaitingEvents } from "./waiting-events.ts";

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
  /** As `PlantsOfTimeParts.parsePlant`, for plant files of before the one of now. */
  readonly parsePlant?: ParsePlant;
}

export class Worker {
  /** Without the plant of the start, which no part may keep when it is another one. */
  readonly #options: Omit<WorkerOptions, "plant">;
  readonly #partitions = new Partitions();
  readonly #current: CurrentPlant;
  readonly #waiting: WaitingEvents;
  readonly #writes: DurableWrites;
  readonly #takeOver: TakeOver;
  readonly #intake: Intake;
  readonly #computing: Computing;
  readonly #storing: Storing;
  readonly #coldPath: ColdPath;
  readonly #watch: PartitionWatch;
  readonly #misplaced: Misplaced;
  readonly #plantChange: PlantChange;
  #consumer: GroupConsumer | null = null;
  #closed = false;

  constructor({ plant, ...options }: WorkerOptions) {
    this.#options = options;
    const { settings, metrics } = options;
    const partitions = this.#partitions;
    const recomputeWanted = new Notifier();
    const current = new CurrentPlant(plant, settings);
    const waiting = new WaitingEvents(settings.waitingEventsMax, metrics, options.scheduler);
    const writes = new DurableWrites(options);
    const computing = new Computing({ ...options, partitions, recomputeWanted });
    const checkpointing = new Checkpointing({ ...options, partitions, computing });
    const shared = { ...options, partitions, current, waiting, writes, computing, recomputeWanted };
    const storing = new Storing({ ...shared, checkpointing });
    const watch = new PartitionWatch(shared);
    const misplaced = new Misplaced({ ...options, watch });
    const plantChange = new PlantChange({ ...shared, storing });
    this.#current = current;
    this.#waiting = waiting;
    this.#writes = writes;
    this.#computing = computing;
    this.#storing = storing;
    this.#watch = watch;
    this.#misplaced = misplaced;
    this.#plantChange = plantChange;
    this.#takeOver = new TakeOver(shared);
    this.#intake = new Intake({ ...shared, storing, misplaced, plantChange });
    this.#coldPath = new ColdPath({ ...shared, storing });
  }

  get plant(): Plant {
    return this.#current.plant;
  }

  /** Joins the consumer group; resolves before partitions are assigned. */
  async start(): Promise<void> {
    const { log, topics, settings } = this.#options;
    this.#partitions.dealOver(await dealtOver(log, topics));
    this.#consumer = log.consume({
      groupId: settings.groupId,
      topics: [topics.events.name],
      keepsNothing: true,
      onAssigned: (partitions) => this.#assigned(partitions),
      onRevoked: (partitions) => this.#revoked(partitions),
      onBatch: (batch) => this.#intake.take(batch),
    });
    this.#computing.start();
    this.#storing.start(this.#consumer);
    this.#watch.start();
  }

  status(): WorkerStatus {
    const { stopped, ...owned } = statusOf(this.#partitions, this.#options.scheduler.now());
    const { log, topics, scheduler, settings } = this.#options;
    const { state, lastError, unread } = log.describe();
    const logFailing = state === "disconnected" ? `the log does not answer: ${lastError?.message ?? state}` : null;
    const unreadNeeded = notRead(unread.filter(({ topic }) => isNeeded(topics, topic))).join("; ") || null;
    const stalled = this.#watch.stalls.map((stall) => stall.reason).join("; ");
    const reason =
      this.#writes.failing ??
      this.#storing.broken ??
      logFailing ??
      unreadNeeded ??
      stopped ??
      this.#takeOver.waitsFor ??
      stalled;
    return {
      ready: reason === "",
      reason,
      ...owned,
      waitingEvents: this.#waiting.count,
      notes: [
        ...recomputeNotes(owned.toRecompute),
        ...clockNotes(owned.newestEventAt, scheduler.now() + settings.maxFutureMs),
        ...this.#takeOver.notes,
        ...this.#coldPath.notes,
        ...this.#watch.notes,
        ...this.#misplaced.notes,
        ...notRead(unread.filter(({ topic }) => !isNeeded(topics, topic))),
      ],
    };
  }

  /**
   * Applies a changed plant file from the current minute on (DI-3); its windows may differ while its version does not.
   * Resolves when events are read by it; machines are then computed by it one after the other.
   */
  setPlant(plant: Plant): Promise<void> {
    return this.#plantChange.to(plant);
  }

  /** Resolves when every event read so far is computed and stored, recomputes and lost versions included. For tests and simulations. */
  async settle(): Promise<void> {
    for (;;) {
      await this.#plantChange.idle();
      while (!this.#computing.computeAll()) await this.#storing.store(false);
      await this.#coldPath.idle();
      await this.#storing.store(false);
      await this.#storing.store(false);
      let lost = false;
      for (const owned of this.#partitions) {
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
    this.#plantChange.close();
    this.#coldPath.close();
    this.#computing.close();
    this.#writes.close();
    this.#storing.close();
    this.#waiting.close();
    await this.#consumer?.close();
    await this.#storing.idle();
    await this.#coldPath.idle();
  }

  async #assigned(assigned: readonly AssignedPartition[]): Promise<PartitionOffset[]> {
    const { logger, metrics } = this.#options;
    const starts = await this.#takeOver.take(assigned, this.#consumer);
    const { machines } = this.#partitions;
    metrics.machines.set(machines);
    this.#storing.tookOver();
    logger.info({ partitions: assigned.map(({ partition }) => partition), machines }, "partitions assigned");
    // Asks the log where the partitions end: one without new records counts as caught up only then.
    this.#watch.look();
    this.#plantChange.renew();
    this.#coldPath.start();
    return starts;
  }

  async #revoked(revoked: readonly TopicPartition[]): Promise<void> {
    const { logger, metrics } = this.#options;
    await this.#storing.store(true).catch((error: unknown) => {
      logger.error({ err: error }, "handing partitions over without a checkpoint");
    });
    for (const { partition } of revoked) {
      this.#partitions.remove(partition);
      // Its new owner reports its lag from now on.
      metrics.lag.remove({ partition });
    }
    metrics.machines.set(this.#partitions.machines);
  }
}
