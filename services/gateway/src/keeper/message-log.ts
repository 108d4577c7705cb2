/**
 * The messages that were sent about alerts: the newest record of each key of the topic `oee.messages`. A message whose key is
 * there is not sent again, whichever gateway sent it.
 */
import type { EventLog, Follower, RecordBatch, Topics } from "@oee/event-log";
import type { MessageKind, MessageState } from "@oee/model";
import type { Store, StoredMessage } from "@oee/store";

/** One receiver that took a message. */
export interface Delivery {
  readonly role: string;
  readonly by: "email" | "webhook";
  /** The receiver's address; of a webhook its host and a digest, for the path may be a secret. */
  readonly to: string;
  /** When the receiver took it (RFC 3339). */
  readonly at: string;
}

export interface MessageRecord {
  readonly key: string;
  readonly ticket: string;
  readonly step: number;
  readonly kind: MessageKind;
  readonly state: MessageState;
  readonly roles: readonly string[];
  /** When the step was due, and when this was recorded (RFC 3339). */
  readonly due: string;
  readonly at: string;
  readonly deliveries: readonly Delivery[];
  /** Why not every receiver got it; `null`: all did. */
  readonly why: string | null;
}

/** Most messages that are kept in memory, those of the newest steps. */
const REMEMBERED_MAX = 100_000;

export class MessageLog {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #newest = new Map<string, MessageRecord>();
  readonly #onPassedOver: () => void;
  readonly #caughtUp: Promise<void>;
  #tellCaughtUp: () => void = () => undefined;
  #follower: Follower | null = null;
  #unstored: StoredMessage[] = [];

  constructor(log: EventLog, topics: Topics, onPassedOver: () => void = () => undefined) {
    this.#log = log;
    this.#onPassedOver = onPassedOver;
    this.#topic = topics.messages.name;
    this.#caughtUp = new Promise((resolve) => (this.#tellCaughtUp = resolve));
  }

  start(): void {
    this.#follower = this.#log.followKeyed({
      topic: this.#topic,
      onBatch: (batch) => this.#take(batch),
      onCaughtUp: () => this.#tellCaughtUp(),
    });
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }

  /** Resolves when all records that there were at the start have been read. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  of(key: string): MessageRecord | null {
    return this.#newest.get(key) ?? null;
  }

  /** Appends a record; resolves when it is safe in the log. */
  async record(record: MessageRecord): Promise<void> {
    await this.#log.append(this.#topic, [{ key: record.key, value: Buffer.from(JSON.stringify(record)) }]);
    // Known here at once, before the record is read back from the log.
    this.#put(record);
  }

  /** Stores the records that came since the last call. */
  async store(store: Pick<Store, "insertMessages">): Promise<void> {
    const messages = this.#unstored;
    if (messages.length === 0) return;
    this.#unstored = [];
    try {
      await store.insertMessages(messages);
    } catch (error) {
      this.#unstored = [...messages, ...this.#unstored].slice(-REMEMBERED_MAX);
      throw error;
    }
  }

  #take(batch: RecordBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const bytes = batch.valueAt(i);
      const record = recordIn(bytes);
      if (record === null && bytes !== null) this.#onPassedOver();
      if (record === null) continue;
      this.#put(record);
      const { key, ticket, step, kind, state, at, due } = record;
      this.#unstored.push({
        key,
        offset: batch.offsetAt(i),
        ticket,
        step,
        kind,
        state,
        at: Date.parse(at),
        due: Date.parse(due),
        value: JSON.stringify(record),
      });
      if (this.#unstored.length > REMEMBERED_MAX) this.#unstored.shift();
    }
  }

  #put(record: MessageRecord): void {
    this.#newest.delete(record.key);
    this.#newest.set(record.key, record);
    if (this.#newest.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#newest.keys();
    if (oldest !== undefined) this.#newest.delete(oldest);
  }
}

/** `null`: the bytes are no record of a message. */
function recordIn(bytes: Buffer | null): MessageRecord | null {
  try {
    const value = (bytes === null ? null : JSON.parse(bytes.toString("utf8"))) as Partial<MessageRecord> | null;
    if (value === null || typeof value !== "object") return null;
    const { key, ticket, step, kind, state, roles, due, at, deliveries } = value;
    const isWhole =
      [key, ticket, kind, state].every((text) => typeof text === "string") &&
      Number.isSafeInteger(step) &&
      [due, at].every((instant) => !Number.isNaN(Date.parse(String(instant)))) &&
      [roles, deliveries].every(Array.isArray);
    return isWhole ? (value as MessageRecord) : null;
  } catch {
    return null;
  }
}
