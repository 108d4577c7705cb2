/** Writes that are repeated, 0.2 s to 10 s apart, until they work or the worker ends; readiness says which one fails. */
import { messageOf } from "@oee/event-log";
import { retryForEver, type Scheduler, sleepBy } from "@oee/pacing";
import type { Logger } from "pino";
import type { WorkerMetrics } from "./metrics.ts";

export interface DurableWritesParts {
  readonly scheduler: Scheduler;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
}

const RETRIED = { firstDelayMs: 200, delayMsMax: 10_000 };

export class DurableWrites {
  readonly #parts: DurableWritesParts;
  #failing: string | null = null;
  #closed = false;

  constructor(parts: DurableWritesParts) {
    this.#parts = parts;
  }

  /** Why writes fail at the moment, in a sentence; `null`: they do not. */
  get failing(): string | null {
    return this.#failing;
  }

  /** Runs `work` again until it resolves; rejects only after `close`. `what` completes "cannot …". */
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

  /** What fails from now on is not repeated. */
  close(): void {
    this.#closed = true;
  }
}
