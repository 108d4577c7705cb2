/**
 * Events on their way, on disk: in the order in which they were taken, until they were delivered. Beside them notes, texts by
 * name that say where sources go on, written with the events that they belong to. What was put resolves when it is durable. Bounded: beyond `bytesMax` a put is refused, so that a protocol stops acknowledging, and nothing that was
 * taken is dropped for what comes later.
 */
import { mkdirSync, statfsSync } from "node:fs";
import { type Database, open, type RootDatabase } from "lmdb";
import type { MappedEvent } from "./mapping/mapper.ts";

export interface OutboxOptions {
  /** Made when it is not there, for its owner alone. */
  readonly folder: string;
  /** Of events that wait, as JSON. */
  readonly bytesMax: number;
}

export class OutboxFull extends Error {
  readonly code = "OEE_CONNECT_OUTBOX_FULL";
}

/** The disk is full, read-only or broken. */
export class OutboxUnwritable extends Error {
  readonly code = "OEE_CONNECT_OUTBOX_UNWRITABLE";
}

/**
 * LMDB is not asked to write what the disk may refuse: describing a refused write, lmdb 3.5.6 may write beyond the 100 bytes
 * that it has for the text, and the process crashes some time later. With less free space than this nothing is put; with
 * less than half of it, nothing delivered is removed either.
 */
const FREE_BYTES_MIN = 64 * 1024 * 1024;
/** What a transaction writes: pages that hold what was put, and copies of those that lead to them. */
const PAGES_FACTOR = 2;

const OWNER_ONLY = 0o700;
/** LMDB's map is larger than what may wait: pages are freed a transaction later than they are left. */
const MAP_FACTOR = 4;
const MAP_BYTES_MIN = 64 * 1024 * 1024;

export class Outbox {
  readonly #root: RootDatabase;
  readonly #events: Database<string, number>;
  readonly #notes: Database<string, string>;
  readonly #bytesMax: number;
  readonly #folder: string;
  #next: number;
  #bytes = 0;
  #count = 0;
  #waiters: (() => void)[] = [];

  constructor({ folder, bytesMax }: OutboxOptions) {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    const mapSize = Math.max(MAP_BYTES_MIN, MAP_FACTOR * bytesMax);
    // Batching by event turn makes a promise that nobody can handle, and a failed commit rejects it.
    this.#root = open({ path: folder, overlappingSync: false, eventTurnBatching: false, mapSize, maxDbs: 2 });
    this.#events = this.#root.openDB<string, number>("events", { encoding: "string" });
    this.#notes = this.#root.openDB<string, string>("notes", { encoding: "string" });
    this.#bytesMax = bytesMax;
    this.#folder = folder;
    let last = -1;
    for (const { key, value } of this.#events.getRange()) {
      last = key;
      this.#count++;
      this.#bytes += value.length;
    }
    this.#next = last + 1;
  }

  get waiting(): { readonly events: number; readonly bytes: number } {
    return { events: this.#count, bytes: this.#bytes };
  }

  note(name: string): string | null {
    return this.#notes.get(name) ?? null;
  }

  /** Resolves when the events and the notes are on disk. Throws `OutboxFull` or `OutboxUnwritable`, and then none of them is. */
  async put(events: readonly MappedEvent[], notes: ReadonlyMap<string, string>): Promise<void> {
    if (events.length === 0 && notes.size === 0) return;
    const bytes = events.reduce((sum, { json }) => sum + json.length, 0);
    if (events.length > 0 && this.#bytes + bytes > this.#bytesMax) {
      throw new OutboxFull(`${this.#bytes} bytes wait to be delivered, of at most ${this.#bytesMax}`);
    }
    this.#bytes += bytes;
    this.#count += events.length;
    const first = this.#next;
    this.#next += events.length;
    try {
      await this.#written(first, events, notes);
    } catch (error) {
      this.#bytes -= bytes;
      this.#count -= events.length;
      throw error;
    }
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async #written(first: number, events: readonly MappedEvent[], notes: ReadonlyMap<string, string>): Promise<void> {
    const bytes = events.reduce((sum, { json }) => sum + json.length, 0);
    await this.#commit(FREE_BYTES_MIN + PAGES_FACTOR * bytes, () => [
      ...events.map(({ json }, i) => this.#events.put(first + i, json)),
      ...[...notes].map(([name, text]) => this.#notes.put(name, text)),
    ]);
  }

  async #commit(needed: number, change: () => readonly Promise<unknown>[]): Promise<void> {
    const free = freeBytes(this.#folder);
    if (free !== null && free < needed) {
      const why = `the disk is full: ${free} bytes are left, of which ${needed} are kept free: free some space`;
      throw new OutboxUnwritable(`the outbox in ${this.#folder}: ${why}`);
    }
    try {
      await this.#events.batch(() => {
        // Each rejects as the whole does, and one that nobody hears would end the process.
        for (const part of change()) part.catch(() => undefined);
      });
    } catch (error) {
      const cause = await causeOf(error);
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OutboxUnwritable(`the outbox in ${this.#folder}: writing failed: ${why}`, { cause });
    }
  }

  /** The oldest events that wait, at most so many. */
  oldest(countMax: number): readonly { readonly key: number; readonly json: string }[] {
    return [...this.#events.getRange({ limit: countMax })].map(({ key, value }) => ({ key, json: value }));
  }

  /** They were delivered. Throws `OutboxUnwritable`, and then all of them wait still. */
  async remove(events: readonly { readonly key: number; readonly json: string }[]): Promise<void> {
    await this.#commit(FREE_BYTES_MIN / 2, () => events.map(({ key }) => this.#events.remove(key)));
    for (const { json } of events) this.#bytes -= json.length;
    this.#count -= events.length;
  }

  /** Resolves at the next put. */
  async filled(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  async close(): Promise<void> {
    for (const wake of this.#waiters.splice(0)) wake();
    await this.#root.close();
  }
}

/** LMDB's own reason, which a failed commit keeps in a promise that rejects. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  return commitError.then(
    () => error,
    (reason: unknown) => reason,
  );
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
