/** Reports events that were not in their machine's partition: counts each in a metric, and logs the first of each cause with what to change. */
import type { RecordBatch } from "@oee/event-log";
import type { Logger } from "pino";
import { type Misplacement, misplacementOf, remedyOf } from "./hand-over.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { PartitionWatch } from "./partition-watch.ts";

export interface MisplacedParts {
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  /** Knows how many partitions the events topic has. */
  readonly watch: Pick<PartitionWatch, "partitions">;
}

export class Misplaced {
  readonly #parts: MisplacedParts;
  readonly #notes = new Map<Misplacement, string>();

  constructor(parts: MisplacedParts) {
    this.#parts = parts;
  }

  /** For readiness: the first misplaced event of each cause since the start, in a sentence with what to change. */
  get notes(): readonly string[] {
    return [...this.#notes.values()];
  }

  found(batch: RecordBatch, record: number, machine: string, home: number): void {
    const { logger, metrics } = this.#parts;
    const partitions = this.#parts.watch.partitions;
    const cause = misplacementOf(batch.keyAt(record), machine, batch.partition, partitions);
    metrics.handedOver.inc({ cause });
    if (this.#notes.has(cause)) return;
    const note =
      `events of machine ${machine} come in partition ${batch.partition} of ${batch.topic}, expected ${home}; they are handed over: ` +
      remedyOf(cause, machine, batch.partition, partitions);
    this.#notes.set(cause, note);
    logger.warn({ code: "OEE_WORKER_EVENTS_MISPLACED", cause }, note);
  }
}
