/**
 * What all gateways of an installation know of sessions, tokens, displays and people: the newest record of each key of the
 * compacted topic `oee.access`. What one gateway writes the others have as soon as they have read it, which is within a second.
 * Keys are random and used once: one that was taken back never comes again, whichever record is read after.
 */
import { type EventLog, type Follower, LogError, type RecordBatch } from "@oee/event-log";
import type { Logger } from "pino";
import { newSecret } from "./secrets.ts";

export type AccessValue = Readonly<Record<string, unknown>>;

/** What a record of the topic is of, by the first part of its key. */
export const KINDS = [
  "session",
  "active",
  "token",
  "used",
  "pairing",
  "person",
  "ended",
  "password",
  "factor",
  "code",
] as const;
export type Kind = (typeof KINDS)[number];

/** A person that signs in again is known again, and may change the password again. */
const AGAIN: ReadonlySet<Kind> = new Set<Kind>(["person", "password", "factor"]);

/** Of these the first record of a key counts, of others the newest. */
const CLAIMED: ReadonlySet<Kind> = new Set<Kind>(["code"]);

const READ_BACK_MS_MAX = 10_000;

/** Keys that were taken back, kept to know them again. */
const GONE_MAX = 100_000;

export class AccessLog {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #logger: Pick<Logger, "warn">;
  /** Whether this gateway writes nothing: of what others note, such as when a token was used, it notes nothing. */
  readonly readOnly: boolean;
  readonly #records: Readonly<Record<Kind, Map<string, AccessValue>>> = {
    session: new Map(),
    active: new Map(),
    token: new Map(),
    used: new Map(),
    pairing: new Map(),
    person: new Map(),
    ended: new Map(),
    password: new Map(),
    factor: new Map(),
    code: new Map(),
  };
  readonly #gone = new Set<string>();
  /** By the mark of a record of this gateway's: told when it has been read. */
  readonly #claims = new Map<string, () => void>();
  readonly #listeners = new Set<(kind: Kind, id: string) => void>();
  #follower: Follower | null = null;
  readonly #caughtUp: Promise<void>;
  #tellCaughtUp: () => void = () => undefined;

  constructor(log: EventLog, topic: string, logger: Pick<Logger, "warn">, readOnly: boolean) {
    this.readOnly = readOnly;
    this.#log = log;
    this.#topic = topic;
    this.#logger = logger;
    this.#caughtUp = new Promise((resolve) => (this.#tellCaughtUp = resolve));
  }

  start(): void {
    this.#follower = this.#log.followKeyed({
      topic: this.#topic,
      onBatch: (batch) => this.#read(batch),
      onCaughtUp: () => this.#tellCaughtUp(),
    });
  }

  /** Resolves when all that there was at the start has been read. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }

  get(kind: Kind, id: string): AccessValue | undefined {
    return this.#records[kind].get(id);
  }

  all(kind: Kind): ReadonlyMap<string, AccessValue> {
    return this.#records[kind];
  }

  /** Called after each change, of this gateway's or of another's. */
  onChange(listener: (kind: Kind, id: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Known here at once, durable when it resolves. Throws `LogError`. */
  async put(kind: Kind, id: string, value: AccessValue): Promise<void> {
    await this.#log.append(this.#topic, [{ key: `${kind}/${id}`, value: Buffer.from(JSON.stringify(value)) }]);
    this.#take(kind, id, value);
  }

  /**
   * Takes a key that can be had once. `false`: somebody else had it before, here or at another gateway, for of records
   * that come at once the first on the log counts. Throws `LogError`.
   */
  async claim(kind: Kind, id: string): Promise<boolean> {
    if (this.#records[kind].has(id) || this.#gone.has(`${kind}/${id}`)) return false;
    const mark = newSecret();
    const isRead = new Promise<void>((resolve, reject) => {
      const waited = setTimeout(
        () => reject(new LogError("OEE_LOG_UNAVAILABLE", "what was appended is not read back")),
        READ_BACK_MS_MAX,
      );
      this.#claims.set(mark, () => {
        clearTimeout(waited);
        resolve();
      });
    });
    try {
      const claim = { key: `${kind}/${id}`, value: Buffer.from(JSON.stringify({ mark })) };
      await Promise.all([this.#log.append(this.#topic, [claim]), isRead]);
      return this.#records[kind].get(id)?.["mark"] === mark;
    } finally {
      this.#claims.delete(mark);
    }
  }

  /** Takes a record back: here at once, even where the log does not take it now, which is then thrown (`LogError`). */
  async remove(kind: Kind, id: string): Promise<void> {
    this.#take(kind, id, null);
    await this.#log.append(this.#topic, [{ key: `${kind}/${id}`, value: null }]);
  }

  #read(batch: RecordBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const key = batch.keyAt(i)?.toString("utf8") ?? "";
      const slash = key.indexOf("/");
      const kind = KINDS.find((known) => known === key.slice(0, slash));
      if (kind === undefined) continue;
      const bytes = batch.valueAt(i);
      const value = bytes === null ? null : valueIn(bytes);
      if (value === undefined) this.#logger.warn({ key: kind }, "a record of the access topic cannot be read");
      else this.#take(kind, key.slice(slash + 1), value);
      if (value != null && CLAIMED.has(kind)) this.#claims.get(String(value["mark"]))?.();
    }
  }

  #take(kind: Kind, id: string, value: AccessValue | null): void {
    const key = `${kind}/${id}`;
    if (value !== null && !AGAIN.has(kind) && this.#gone.has(key)) return;
    if (value !== null && CLAIMED.has(kind) && this.#records[kind].has(id)) return;
    if (value === null) {
      const [oldest] = this.#gone;
      if (this.#gone.size >= GONE_MAX && oldest !== undefined) this.#gone.delete(oldest);
      this.#gone.add(key);
      this.#records[kind].delete(id);
    } else this.#records[kind].set(id, value);
    for (const listener of this.#listeners) listener(kind, id);
  }
}

/** `undefined`: it is no JSON object. */
function valueIn(bytes: Buffer): AccessValue | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as AccessValue) : undefined;
  } catch {
    return undefined;
  }
}
