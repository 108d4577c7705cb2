/**
 * Events on their way, on disk: of each machine in the order in which they were taken, until they were delivered. Beside them notes, texts by
 * name that say where sources go on, written with the events that they belong to. What was put resolves when it is durable. Bounded: beyond `bytesMax` a put is refused, so that a protocol stops acknowledging, and nothing that was
 * taken is dropped for what comes later.
 */
import { mkdirSync } from "node:fs";
import { damagedMemory, DiskRoom, NoRoom } from "@oee/event-log";
import { type Database, open, type RootDatabase } from "lmdb";
import type { MappedEvent } from "./mapping/mapper.ts";

export interface OutboxOptions {
  /** Made when it is not there, for its owner alone. */
  readonly folder: string;
  /** Of events that wait, as JSON. */
  readonly bytesMax: number;
  /** A write that the disk refused has damaged the memory of this process, which is to end at once. */
  readonly onMemoryDamaged?: (error: OutboxDamagedMemory) => void;
}

export class OutboxFull extends Error {
  readonly code = "OEE_CONNECT_OUTBOX_FULL";
}

/** The disk is full, read-only or broken. */
export class OutboxUnwritable extends Error {
  readonly code = "OEE_CONNECT_OUTBOX_UNWRITABLE";
}

export class OutboxDamagedMemory extends Error {
  readonly code = "OEE_CONNECT_MEMORY_DAMAGED";
}

/** For how long newest events waited. */
const WRITES_REMEMBERED = 1_000;
const OWNER_ONLY = 0o700;
/** LMDB's map is larger than what may wait: pages are freed a transaction later than they are left. */
const MAP_FACTOR = 4;
const MAP_BYTES_MIN = 64 * 1024 * 1024;

/** The machine, and a number that grows over all of them. */
type Key = readonly [machine: string, number: number];

export interface WaitingEvent {
  readonly key: Key;
  readonly json: string;
}

export class Outbox {
  readonly #root: RootDatabase;
  readonly #events: Database<string, [string, number]>;
  readonly #notes: Database<string, string>;
  readonly #bytesMax: number;
  readonly #folder: string;
  readonly #room: DiskRoom;
  readonly #onMemoryDamaged: (error: OutboxDamagedMemory) => void;
  #next: number;
  #bytes = 0;
  #count = 0;
  /** How many wait, by machine; those of which none does are not in it. */
  readonly #machines = new Map<string, number>();
  #waiters: (() => void)[] = [];
  /** Of the newest writes: the numbers of their events, from and to below, and when they were done (monotonic ms). */
  readonly #writes: { readonly first: number; readonly end: number; readonly at: number }[] = [];

  constructor({ folder, bytesMax, onMemoryDamaged = () => undefined }: OutboxOptions) {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    const mapSize = Math.max(MAP_BYTES_MIN, MAP_FACTOR * bytesMax);
    // Batching by event turn makes a promise that nobody can handle, and a failed commit rejects it.
    this.#root = open({ path: folder, overlappingSync: false, eventTurnBatching: false, mapSize, maxDbs: 2 });
    this.#events = this.#root.openDB<string, [string, number]>("events by machine", { encoding: "string" });
    this.#notes = this.#root.openDB<string, string>("notes", { encoding: "string" });
    this.#bytesMax = bytesMax;
    this.#folder = folder;
    this.#room = new DiskRoom(folder, this.#root);
    this.#onMemoryDamaged = onMemoryDamaged;
    let last = -1;
    for (const { key, value } of this.#events.getRange()) {
      last = Math.max(last, key[1]);
      this.#bytes += value.length;
      this.#counted(key[0], 1);
    }
    this.#next = last + 1;
  }

  get waiting(): { readonly events: number; readonly bytes: number } {
    return { events: this.#count, bytes: this.#bytes };
  }

  /** Machines whose events wait. */
  get machines(): readonly string[] {
    return [...this.#machines.keys()];
  }

  /** The number of the next event that is put. */
  get end(): number {
    return this.#next;
  }

  #counted(machine: string, change: number): void {
    this.#count += change;
    const count = (this.#machines.get(machine) ?? 0) + change;
    if (count > 0) this.#machines.set(machine, count);
    else this.#machines.delete(machine);
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
    const first = this.#next;
    this.#next += events.length;
    try {
      await this.#written(first, events, notes, bytes);
    } catch (error) {
      this.#bytes -= bytes;
      throw error;
    }
    for (const { machine } of events) this.#counted(machine, 1);
    if (events.length > 0) this.#writes.push({ first, end: first + events.length, at: performance.now() });
    if (this.#writes.length > WRITES_REMEMBERED) this.#writes.splice(0, WRITES_REMEMBERED / 2);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  async #written(
    first: number,
    events: readonly MappedEvent[],
    notes: ReadonlyMap<string, string>,
    bytes: number,
  ): Promise<void> {
    let added = bytes;
    for (const text of notes.values()) added += text.length;
    await this.#commit(added, events.length + notes.size, () => [
      ...events.map(({ machine, json }, i) => this.#events.put([machine, first + i], json)),
      ...[...notes].map(([name, text]) => this.#notes.put(name, text)),
    ]);
  }

  async #commit(added: number, changes: number, change: () => readonly Promise<unknown>[]): Promise<void> {
    try {
      await this.#room.during(added, changes, () =>
        this.#events.batch(() => {
          // Each rejects as the whole does, and one that nobody hears would end the process; most are one and the same.
          for (const part of new Set(change())) part.catch(() => undefined);
        }),
      );
    } catch (error) {
      if (error instanceof NoRoom) throw new OutboxUnwritable(`the outbox: ${error.message}: free some space`);
      const cause = await causeOf(error);
      const why = cause instanceof Error ? cause.message : String(cause);
      const what = `the outbox in ${this.#folder}: writing failed: ${why}`;
      if (damagedMemory(cause)) {
        const todo = "This process ends; what was kept is in the outbox, and the next start goes on from there";
        this.#onMemoryDamaged(new OutboxDamagedMemory(`${what}. ${todo}`, { cause }));
      }
      throw new OutboxUnwritable(what, { cause });
    }
  }

  /** The oldest events of a machine that wait, at most so many, whose numbers lie in `[from, to)`. */
  oldest(machine: string, countMax: number, from = 0, to: number = this.#next): readonly WaitingEvent[] {
    const range = this.#events.getRange({ start: [machine, from], end: [machine, to], limit: countMax });
    return [...range].map(({ key, value }) => ({ key, json: value }));
  }

  /** They were delivered. Throws `OutboxUnwritable`, and then all of them wait still. */
  async remove(events: readonly WaitingEvent[]): Promise<void> {
    await this.#commit(0, events.length, () =>
      events.map(({ key: [machine, number] }) => this.#events.remove([machine, number])),
    );
    for (const { key, json } of events) {
      this.#bytes -= json.length;
      this.#counted(key[0], -1);
    }
  }

  /** How long an event has been on disk (ms); `null`: longer than is remembered, or since before a restart. */
  sinceWritten(number: number): number | null {
    const write = this.#writes.find(({ first, end }) => number >= first && number < end);
    return write === undefined ? null : performance.now() - write.at;
  }

  /** Resolves at the next put, or when the signal is aborted. */
  async filled(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done);
      this.#waiters.push(done);
    });
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
