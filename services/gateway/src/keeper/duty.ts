/**
 * Chooses the one gateway of several that does the keeper's work, by group membership: the topic of entries has one
 * partition, which one member of the group owns. That gateway looks for alerts, sends messages, and stores entries as
 * it reads them. When it ends, or its heartbeats stop, the partition and the work go to another one.
 */
import type { EventLog, GroupConsumer, RecordBatch, Topics } from "@oee/event-log";
import type { Logger } from "pino";

export class Duty {
  readonly #log: EventLog;
  readonly #topics: Topics;
  readonly #logger: Logger;
  readonly #take: (batch: RecordBatch) => Promise<void>;
  #consumer: GroupConsumer | null = null;
  #isOn = false;

  /** `take` gets the batches of entries and of dead letters after the group's committed offset. */
  constructor(log: EventLog, topics: Topics, logger: Logger, take: (batch: RecordBatch) => Promise<void>) {
    this.#log = log;
    this.#topics = topics;
    this.#logger = logger;
    this.#take = take;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  start(): void {
    const entries = this.#topics.entries.name;
    this.#consumer = this.#log.consume({
      // The group's name begins with the topics' prefix, as each prefix is an installation of its own.
      groupId: entries.replace(/entries$/, "keeper"),
      topics: [entries, this.#topics.deadLetters.name],
      onAssigned: async (partitions) => {
        if (!partitions.some(({ topic }) => topic === entries)) return;
        this.#isOn = true;
        this.#logger.info("this gateway looks for alerts");
      },
      onRevoked: async (partitions) => {
        if (partitions.some(({ topic }) => topic === entries)) this.#isOn = false;
      },
      onBatch: async (batch) => {
        await this.#take(batch);
        const { topic, partition, nextOffset } = batch;
        await this.#consumer?.commit([{ topic, partition, offset: nextOffset }]);
      },
    });
  }

  async close(): Promise<void> {
    await this.#consumer?.close();
    this.#isOn = false;
  }
}
