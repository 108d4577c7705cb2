/**
 * Events on their way, on disk: in the order in which they were taken, until they were delivered. What was put resolves when
 * it is durable. Bounded: beyond `bytesMax` a put is refused, so that a protocol stops acknowledging, and nothing that was
 * taken is dropped for what comes later.
 */
import { mkdirSync } from "node:fs";
import { open, type RootDatabase } from "lmdb";
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

const OWNER_ONLY = 0o700;
/** LMDB's map is larger than what may wait: pages are freed a transaction later than they are left. */
const MAP_FACTOR = 4;
const MAP_BYTES_MIN = 64 * 1024 * 1024;

export class Outbox {
  readonly #root: RootDatabase<string, number>;
  readonly #bytesMax: number;
  #next: number;
  #bytes = 0;
  #count = 0;
  #waiters: (() => void)[] = [];

  constructor({ folder, bytesMax }: OutboxOptions) {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    this.#root = open<string, number>({
      path: folder,
      encoding: "string",
      overlappingSync: false,
      mapSize: Math.max(MAP_BYTES_MIN, MAP_FACTOR * bytesMax),
    });
    this.#bytesMax = bytesMax;
    let last = -1;
    for (const { key, value } of this.#root.getRange()) {
      last = key;
      this.#count++;
      this.#bytes += value.length;
    }
    this.#next = last + 1;
  }

  get waiting(): { readonly events: number; readonly bytes: number } {
    return { events: this.#count, bytes: this.#bytes };
  }

  /** Resolves when the events are on disk. Throws `OutboxFull`, and then none of them is. */
  async put(events: readonly MappedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const bytes = events.reduce((sum, { json }) => sum + json.length, 0);
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new OutboxFull(`${this.#bytes} bytes wait to be delivered, of at most ${this.#bytesMax}`);
    }
    this.#bytes += bytes;
    this.#count += events.length;
    const first = this.#next;
    this.#next += events.length;
    await this.#root.transaction(() => {
      for (const [i, { json }] of events.entries()) void this.#root.put(first + i, json);
    });
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** The oldest events that wait, at most so many. */
  oldest(countMax: number): readonly { readonly key: number; readonly json: string }[] {
    return [...this.#root.getRange({ limit: countMax })].map(({ key, value }) => ({ key, json: value }));
  }

  /** They were delivered. */
  async remove(events: readonly { readonly key: number; readonly json: string }[]): Promise<void> {
    await this.#root.transaction(() => {
      for (const { key } of events) void this.#root.remove(key);
    });
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
