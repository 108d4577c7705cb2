/**
 * What all gateways of an installation know of sessions, tokens, displays and people: the newest record of each key of the
 * compacted topic `oee.access`. The other gateways read what one gateway writes within a second. Keys are random and used
 * once: a record whose key was removed is ignored, however late it is read.
 */
import { type EventLog, type Follower, LogError, type RecordBatch } from "@oee/event-log";
import { isJsonObject } from "@oee/model";
import type { Logger } from "pino";
import { newSecret } from "./secrets.ts";

export type AccessValue = Readonly<Record<string, unknown>>;

/** Kinds of records of the topic: the first part of their keys. */
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
  "try",
  "fail",
  "place",
  "account",
  "notice",
] as const;
export type Kind = (typeof KINDS)[number];

/** Fields that every record of a kind has, and what they are: a record without them cannot be read. */
const FIELDS: Readonly<Record<Kind, Readonly<Record<string, "string" | "number" | "list">>>> = {
  session: { person: "string", name: "string", since: "number", until: "number" },
  active: { at: "number" },
  token: { name: "string", scopes: "list", may: "list", digest: "string", made: "number" },
  used: { at: "number" },
  pairing: { code: "string", until: "number" },
  person: { name: "string", seen: "number" },
  ended: { before: "number" },
  password: { password: "string", replaces: "string" },
  factor: { sealed: "string", replaces: "string" },
  code: { mark: "string" },
  try: { mark: "string", at: "number" },
  fail: { mark: "string", at: "number" },
  place: { at: "number", near: "string" },
  account: { rev: "number" },
  notice: { about: "string", at: "number" },
};

/** Kinds whose keys may be put again after a removal: they are made of the person's identifier, not random. */
const AGAIN: ReadonlySet<Kind> = new Set<Kind>(["person", "password", "factor", "account", "place"]);

/** Kinds of which the first record of a key counts, and which are in the order of the topic; of the others the newest record counts. */
const CLAIMED: ReadonlySet<Kind> = new Set<Kind>(["code", "try", "fail"]);

const READ_BACK_MS_MAX = 10_000;

/** Most removed keys that are remembered, to ignore later records of them. */
const GONE_MAX = 100_000;

export class AccessLog {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #logger: Pick<Logger, "warn">;
  /** Whether this gateway writes nothing to the topic, not even when a token was used. */
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
    try: new Map(),
    fail: new Map(),
    place: new Map(),
    account: new Map(),
    notice: new Map(),
  };
  readonly #gone = new Set<string>();
  /** By the mark of a record of this gateway's: told when it has been read. */
  readonly #claims = new Map<string, () => void>();
  readonly #listeners = new Set<(kind: Kind, id: string) => void>();
  #follower: Follower | null = null;
  readonly #onPassedOver: () => void;
  readonly #caughtUp: Promise<void>;
  #tellCaughtUp: () => void = () => undefined;

  constructor(
    log: EventLog,
    topic: string,
    logger: Pick<Logger, "warn">,
    readOnly: boolean,
    onPassedOver: () => void = () => undefined,
  ) {
    this.#onPassedOver = onPassedOver;
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

  /** Resolves when all records that there were at the start have been read. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp;
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }

  get(kind: Kind, id: string): AccessValue | undefined {
    return this.#records[kind].get(id);
  }

  /** Whether there was a record that was removed. */
  wasRemoved(kind: Kind, id: string): boolean {
    return this.#gone.has(`${kind}/${id}`);
  }

  all(kind: Kind): ReadonlyMap<string, AccessValue> {
    return this.#records[kind];
  }

  /** Adds a listener that is called after each change by this or another gateway. */
  onChange(listener: (kind: Kind, id: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Puts a record: known here at once, durable when it resolves. Throws `LogError`. */
  async put(kind: Kind, id: string, value: AccessValue): Promise<void> {
    await this.#log.append(this.#topic, [{ key: `${kind}/${id}`, value: Buffer.from(JSON.stringify(value)) }]);
    this.#take(kind, id, value);
  }

  /**
   * Claims a key that can be claimed once. `false`: it was claimed before, here or at another gateway; of claims at the same
   * time the first on the log counts. Throws `LogError`.
   */
  async claim(kind: Kind, id: string, value: AccessValue = {}): Promise<boolean> {
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
      const claim = { key: `${kind}/${id}`, value: Buffer.from(JSON.stringify({ ...value, mark })) };
      await Promise.all([this.#log.append(this.#topic, [claim]), isRead]);
      return this.#records[kind].get(id)?.["mark"] === mark;
    } finally {
      this.#claims.delete(mark);
    }
  }

  /** Removes a record: here at once, durable when it resolves. Where the log does not take it, it is removed here and `LogError` is thrown. */
  async remove(kind: Kind, id: string): Promise<void> {
    this.#take(kind, id, null);
    await this.#log.append(this.#topic, [{ key: `${kind}/${id}`, value: null }]);
  }

  #read(batch: RecordBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const key = batch.keyAt(i)?.toString("utf8") ?? "";
      const slash = key.indexOf("/");
      const kind = KINDS.find((known) => known === key.slice(0, slash));
      if (kind === undefined) {
        this.#onPassedOver();
        continue;
      }
      const bytes = batch.valueAt(i);
      const value = bytes === null ? null : valueIn(kind, bytes);
      if (value === undefined) {
        this.#logger.warn({ key: kind }, "a record of the access topic cannot be read");
        this.#onPassedOver();
      } else this.#take(kind, key.slice(slash + 1), value);
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

/** The value of a record; `undefined`: it is no JSON object, or lacks what its kind has. */
function valueIn(kind: Kind, bytes: Buffer): AccessValue | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (!isJsonObject(value)) return undefined;
    const isWhole = Object.entries(FIELDS[kind]).every(([name, type]) =>
      type === "list" ? Array.isArray(value[name]) : typeof value[name] === type,
    );
    return isWhole ? value : undefined;
  } catch {
    return undefined;
  }
}
