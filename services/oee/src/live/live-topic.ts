/**
 * Live records between processes: a worker's sink that puts them on the compacted topic `oee.live`. Conflated: while
 * an append is under way the newest record of each machine waits, so a slow log makes displays older, never memory larger.
 */
import type { EventLog, Topics } from "@oee/event-log";
import { OneAtATime, retryForEver, sleepTimer } from "@oee/pacing";
import { type LiveRecord, TIMELINE_KEY_SUFFIX, type TimelineRecord } from "@oee/protocol";
import type { Logger } from "pino";

const APPEND_RECORDS_MAX = 500;
const PAUSE_AFTER_FAILURE = { firstDelayMs: 1_000, delayMsMax: 1_000 };

export class LiveTopicSink {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, LiveRecord | TimelineRecord>();
  readonly #appending: OneAtATime;

  constructor(log: EventLog, topics: Topics, logger: Logger) {
    this.#log = log;
    this.#topic = topics.live.name;
    this.#logger = logger;
    this.#appending = new OneAtATime(
      () => this.#append(),
      (error) => logger.error({ err: error }, "live records not published"),
    );
  }

  publish(records: readonly (LiveRecord | TimelineRecord)[]): void {
    for (const record of records) this.#waiting.set(keyOf(record), record);
    this.#appending.request();
  }

  async #append(): Promise<void> {
    const onFailure = (error: unknown): void => this.#logger.warn({ err: error }, "live records not published");
    while (this.#waiting.size > 0) {
      await retryForEver(() => this.#appendFirst(), onFailure, sleepTimer, PAUSE_AFTER_FAILURE);
    }
  }

  /** Appends those that have waited longest; where that fails, they wait again, but for those of which a newer one does. */
  async #appendFirst(): Promise<void> {
    const batch: [string, LiveRecord | TimelineRecord][] = [];
    for (const [key, record] of this.#waiting) {
      if (batch.push([key, record]) === APPEND_RECORDS_MAX) break;
    }
    for (const [key] of batch) this.#waiting.delete(key);
    try {
      await this.#log.append(
        this.#topic,
        batch.map(([key, record]) => ({ key, value: Buffer.from(JSON.stringify(record)) })),
      );
    } catch (error) {
      for (const [key, record] of batch) if (!this.#waiting.has(key)) this.#waiting.set(key, record);
      throw error;
    }
  }
}

function keyOf(record: LiveRecord | TimelineRecord): string {
  return record.kind === "machine" ? record.machine : `${record.machine}${TIMELINE_KEY_SUFFIX}`;
}
