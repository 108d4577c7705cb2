/**
 * Asks the log every `watchEveryMs` where the owned partitions end, so that lag and readiness are true also when nothing
 * is read. A partition that has records to read and whose position has not moved for `stalledAfterMs` is stalled: the
 * worker is not ready, and the log, readiness and a metric name the cause. Reading batches costs nothing more for it.
 */
import { type EventLog, messageOf, type PartitionEnd, type Topics } from "@oee/event-log";
import type { Cancel, Scheduler } from "@oee/pacing";
import type { Logger } from "pino";
import type { Computing } from "./computing.ts";
import type { DurableWrites } from "./durable-writes.ts";
import { STALL_CAUSES, type StallCause, type WorkerMetrics } from "./metrics.ts";
import type { OwnedPartition } from "./partition.ts";
import type { Partitions } from "./partitions.ts";
import type { WorkerSettings } from "./settings.ts";
import type { WaitingEvents } from "./waiting-events.ts";

export interface PartitionWatchParts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly scheduler: Scheduler;
  readonly settings: WorkerSettings;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly partitions: Partitions;
  readonly waiting: WaitingEvents;
  readonly writes: DurableWrites;
  readonly computing: Computing;
}

export interface Stall {
  readonly partition: number;
  readonly cause: StallCause;
  /** What stands still and why, in a sentence, with what to do where that is known. */
  readonly reason: string;
}

/** A log that answers does so within a second or two. */
const UNANSWERED_MS = 10_000;
/** While a partition is behind, its position is compared this often; that costs no request. */
const BEHIND_LOOKED_FOR_EVERY_MS = 250;

export class PartitionWatch {
  /** Number of partitions of the events topic, as last known. */
  #partitions = 0;
  readonly #parts: PartitionWatchParts;
  #timer: Cancel | null = null;
  #asking: Promise<void> | null = null;
  #askedAt = -Infinity;
  #unanswered: string | null = null;
  #stalls: readonly Stall[] = [];
  #notes: readonly string[] = [];
  #closed = false;

  constructor(parts: PartitionWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#partitions = this.#parts.partitions.dealtOver;
    this.look();
  }

  /** Number of partitions of the events topic, as last known. */
  get partitions(): number {
    return this.#partitions;
  }

  /** Asks the log now; called when partitions were assigned. */
  look(): void {
    this.#askedAt = -Infinity;
    this.#tick();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
  }

  get stalls(): readonly Stall[] {
    return this.#stalls;
  }

  /** For readiness: what works but should be changed, in sentences with what to do. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Why the log did not say where its partitions end; `null`: it did. */
  get unanswered(): string | null {
    return this.#unanswered;
  }

  #tick(): void {
    if (this.#closed) return;
    const { settings, partitions, scheduler } = this.#parts;
    if (scheduler.elapsed() - this.#askedAt >= settings.watchEveryMs && this.#asking === null) {
      this.#askedAt = scheduler.elapsed();
      this.#asking = this.#ask().finally(() => {
        this.#asking = null;
      });
    }
    if (this.#asking !== null && scheduler.elapsed() - this.#askedAt >= UNANSWERED_MS) {
      this.#unansweredBy(`the log has not answered for ${Math.floor((scheduler.elapsed() - this.#askedAt) / 1000)} s`);
    }
    this.#follow();
    let behind = false;
    for (const { caughtUp } of partitions) if (!caughtUp) behind = true;
    this.#timer?.();
    const delayMs = behind ? Math.min(BEHIND_LOOKED_FOR_EVERY_MS, settings.watchEveryMs) : settings.watchEveryMs;
    this.#timer = scheduler.after(delayMs, () => this.#tick());
  }

  async #ask(): Promise<void> {
    const { log, topics, partitions } = this.#parts;
    let ends: readonly PartitionEnd[];
    try {
      ends = await log.endsOf(topics.events.name);
    } catch (error) {
      this.#unansweredBy(messageOf(error), error);
      return;
    }
    this.#unanswered = null;
    if (this.#closed) return;
    this.#compare(ends.length);
    const byPartition = new Map(ends.map((end) => [end.partition, end]));
    for (const one of partitions) {
      const end = byPartition.get(one.partition);
      if (end !== undefined) one.ends(end.readableEnd, end.endOffset);
    }
    this.#follow();
    this.#judge();
  }

  #unansweredBy(why: string, error?: unknown): void {
    const what = "the log does not say where its partitions end";
    if (this.#unanswered === null) this.#parts.logger.warn(error === undefined ? { why } : { err: error }, what);
    this.#unanswered = why;
    this.#judge();
  }

  /** Moves positions over offsets that deliver no records, such as an aborted transaction or a transaction's end marker. */
  #follow(): void {
    const { log, topics, settings, partitions, computing } = this.#parts;
    const positions = new Map<number, number>();
    for (const { topic, groupId, partition, position } of log.describe().partitions) {
      if (topic === topics.events.name && groupId === settings.groupId) positions.set(partition, position);
    }
    let caughtUp = false;
    for (const one of partitions) {
      const before = one.caughtUp;
      one.passed(positions.get(one.partition) ?? 0);
      if (one.caughtUp && !before) caughtUp = true;
    }
    if (caughtUp) computing.soon();
  }

  /** Notes and logs when the events topic has more partitions than machines are dealt over, because some tool added them. */
  #compare(partitions: number): void {
    const { metrics, topics, logger } = this.#parts;
    const { dealtOver } = this.#parts.partitions;
    this.#partitions = partitions;
    metrics.topicPartitions.set({ of: "events" }, partitions);
    metrics.topicPartitions.set({ of: "machines" }, dealtOver);
    const before = this.#notes.length;
    this.#notes =
      partitions === dealtOver
        ? []
        : [
            `${topics.events.name} has ${partitions} partitions, machines are dealt over ${dealtOver}: events in the others are ` +
              "handed over, so numbers are right, but they are appended twice. To use them all: stop all workers, " +
              `run \`oee topics --to ${Math.ceil(partitions / dealtOver) * dealtOver}\`, start`,
          ];
    if (this.#notes.length > before) logger.warn({ code: "OEE_WORKER_PARTITIONS_DIFFER" }, this.#notes.join());
  }

  #judge(): void {
    const { metrics, partitions, settings, logger } = this.#parts;
    const now = this.#parts.scheduler.elapsed();
    const stalls: Stall[] = [];
    const counts: Record<StallCause, number> = { transaction: 0, store: 0, reading: 0 };
    for (const one of partitions) {
      // What the log does not say is not 0, nor what it was.
      metrics.lag.set({ partition: one.partition }, this.#unanswered === null ? one.lag : Number.NaN);
      const stoodMs = one.stoodStillMs(now);
      if (stoodMs < settings.stalledAfterMs) continue;
      const stall = this.#stallOf(one, Math.floor(stoodMs / 1000));
      stalls.push(stall);
      counts[stall.cause]++;
      if (!this.#stalls.some(({ partition, cause }) => partition === stall.partition && cause === stall.cause)) {
        logger.error({ code: "OEE_WORKER_PARTITION_STALLED", ...stall }, "a partition makes no progress");
      }
    }
    for (const { partition } of this.#stalls) {
      if (!stalls.some((stall) => stall.partition === partition)) logger.info({ partition }, "a partition goes on");
    }
    for (const cause of STALL_CAUSES) metrics.stalled.set({ cause }, counts[cause]);
    this.#stalls = stalls;
  }

  #stallOf(one: OwnedPartition, seconds: number): Stall {
    const { topics, settings, writes, waiting } = this.#parts;
    const { partition, lag } = one;
    const what = `partition ${partition} of ${topics.events.name}: ${lag} records are not read, no progress for ${seconds} s`;
    if (one.stopped !== null) return { partition, cause: "reading", reason: one.stopped };
    const writing = writes.failing;
    if (writing !== null) return { partition, cause: "store", reason: `${what}: ${writing}` };
    if (waiting.count > settings.waitingEventsMax) {
      return { partition, cause: "store", reason: `${what}: ${waiting.count} raw events wait for the store` };
    }
    if (one.blocked) {
      const why =
        "a producer's transaction is open at offset " +
        `${one.position}; the broker ends it after the producer's transaction.timeout.ms, or end it: kafka-transactions.sh find-hanging`;
      return { partition, cause: "transaction", reason: `${what}: ${why}` };
    }
    const why = this.#unanswered === null ? "no batch comes, or the one in hand is not done" : this.#unanswered;
    return { partition, cause: "reading", reason: `${what}: ${why}` };
  }
}
