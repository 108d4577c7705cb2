/**
 * Which machines screens show. Gateways tell it to the workers of other processes on the compacted topic `oee.shown`, and workers
 * compute these machines first.
 *
 * Each gateway has records of its own there, of up to 2,000 machines each. It writes them at most once a second where they change, and
 * every 20 s so that workers know that it still runs. What a worker read more than 60 s ago does not count. This is measured by the
 * worker's clock, for those of gateways may differ; so what a dead gateway told counts for a minute again where a worker starts.
 */
import { randomUUID } from "node:crypto";
import { type AppendRecord, type EventLog, LogError, type RecordBatch, type Topics } from "@oee/event-log";
import { type Cancel, OneAtATime, type Scheduler } from "@oee/pacing";
import type { Logger } from "pino";

const LOOK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 20_000;
const COUNTS_FOR_MS = 60_000;
/** So many ids are no larger than a record may be. */
const MACHINES_A_RECORD = 2_000;

export interface ShownTopicParts {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

interface Told {
  readonly machines: readonly string[];
  /** When it was read (ms of the monotonic clock). */
  readonly readAt: number;
}

export class ShownTopic {
  readonly #parts: ShownTopicParts;
  readonly #id = randomUUID();
  readonly #appending: OneAtATime;
  /** Begins with the first that is told: a worker's process tells nothing. */
  #look: Cancel | null = null;
  #machines: ReadonlySet<string> = new Set();
  #isNew = false;
  #toldAt = -Infinity;
  /** How often in turn it could not be told, and from when on it is tried again (ms of the monotonic clock). */
  #failures = 0;
  #againAt = -Infinity;
  /** How many records say what screens show. */
  #records = 0;

  constructor(parts: ShownTopicParts) {
    this.#parts = parts;
    this.#appending = new OneAtATime(
      () => this.#append(),
      (error) => parts.logger.error({ err: error }, "workers could not be told which machines screens show"),
    );
  }

  /** The screens of this process's gateway show these machines from now on. */
  tell(machines: ReadonlySet<string>): void {
    this.#machines = machines;
    this.#isNew = true;
    const { scheduler } = this.#parts;
    this.#look ??= scheduler.every(LOOK_EVERY_MS, () => {
      const now = scheduler.elapsed();
      if (now < this.#againAt) return;
      const isDue = now - this.#toldAt >= TELL_EVERY_MS && this.#machines.size > 0;
      if (this.#isNew || isDue) this.#appending.request();
    });
  }

  /** Calls back with the machines that the screens of other processes' gateways show, at each change; answers how to stop. */
  follow(listener: (machines: ReadonlySet<string>) => void): Cancel {
    const { log, topics, scheduler } = this.#parts;
    const told = new Map<string, Told>();
    const tellAll = (): void => listener(new Set([...told.values()].flatMap(({ machines }) => machines)));
    const onBatch = (batch: RecordBatch): void => {
      const readAt = scheduler.elapsed();
      for (let i = 0; i < batch.length; i++) {
        const key = batch.keyAt(i)?.toString("utf8") ?? "";
        const machines = machinesIn(batch.valueAt(i));
        if (key.startsWith(this.#id)) continue;
        if (machines === null) told.delete(key);
        else told.set(key, { machines, readAt });
      }
      forgetOld();
      tellAll();
    };
    const forgetOld = (): boolean => {
      const before = told.size;
      for (const [key, { readAt }] of told) if (scheduler.elapsed() - readAt > COUNTS_FOR_MS) told.delete(key);
      return told.size < before;
    };
    const follower = log.followKeyed({ topic: topics.shown.name, onBatch });
    const cancel = scheduler.every(TELL_EVERY_MS, () => {
      if (forgetOld()) tellAll();
    });
    return () => {
      cancel();
      void follower.close();
    };
  }

  /** Takes back what it told. Its gateway has ended, and the log is still open. */
  async close(): Promise<void> {
    this.#look?.();
    await this.#appending.idle();
    this.#machines = new Set();
    if (this.#records > 0) this.#appending.request();
    await this.#appending.idle();
  }

  async #append(): Promise<void> {
    const { log, topics, scheduler, logger } = this.#parts;
    this.#isNew = false;
    const machines = [...this.#machines];
    const records: AppendRecord[] = [];
    for (let from = 0; from < machines.length; from += MACHINES_A_RECORD) {
      const value = JSON.stringify({ machines: machines.slice(from, from + MACHINES_A_RECORD) });
      records.push({ key: `${this.#id}/${records.length}`, value: Buffer.from(value) });
    }
    const told = records.length;
    while (records.length < this.#records) records.push({ key: `${this.#id}/${records.length}`, value: null });
    try {
      if (records.length > 0) await log.append(topics.shown.name, records);
      this.#records = told;
      this.#toldAt = scheduler.elapsed();
      this.#failures = 0;
    } catch (error) {
      this.#isNew = true;
      // Some of the records may be there.
      this.#records = Math.max(this.#records, told);
      // Once: it lasts where a user of Kafka may not write there.
      if (this.#failures === 0) logger.warn({ err: error }, "workers are not told which machines screens show");
      this.#againAt = scheduler.elapsed() + Math.min(TELL_EVERY_MS, LOOK_EVERY_MS * 2 ** ++this.#failures);
      // What was on a topic that somebody deleted is told anew; where it may not be made, readiness says that it is missing.
      if (error instanceof LogError && error.code === "OEE_LOG_UNKNOWN_TOPIC") {
        await log.ensureTopics([topics.shown]).catch(() => undefined);
      }
    }
  }
}

/** `null`: it was taken back, or is no record of ours. */
function machinesIn(value: Buffer | null): readonly string[] | null {
  if (value === null) return null;
  try {
    const told: unknown = JSON.parse(value.toString("utf8"));
    if (typeof told !== "object" || told === null || !("machines" in told)) return null;
    const { machines } = told;
    return Array.isArray(machines) && machines.every((id) => typeof id === "string") ? machines : null;
  } catch {
    return null;
  }
}
