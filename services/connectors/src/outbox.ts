/**
 * The outbox: events on disk (LMDB), of each machine in the order in which they were put, until they are delivered.
 * Beside them are notes, texts by name that say where sources go on, written in one transaction with their events. A
 * put resolves when it is durable. Events of a peer that does not wait for that are held in memory for a moment; most are
 * delivered within it and need no write. The outbox is bounded: beyond `bytesMax` a put is refused, so that sources stop
 * acknowledging, and no event is dropped for a later one.
 */
import { mkdirSync } from "node:fs";
import { commitCauseOf, damagedMemory, DiskRoom, NoRoom } from "@oee/event-log";
import { sleepTimer } from "@oee/pacing";
import { type Database, open, type RootDatabase } from "lmdb";
import type { MappedEvent } from "./mapping/mapper.ts";
import { PutIds } from "./put-ids.ts";

export interface OutboxOptions {
  /** The folder of the outbox; it is made where it is missing, readable by its owner alone. */
  readonly folder: string;
  /** How many bytes of JSON of waiting events it takes at most. */
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

/** Delivered events are removed from the disk with the next write, at the latest after this. */
const REMOVE_WITHIN_MS = 1_000;
/** Held events are written after this where they are not delivered by then: a request each 100 ms, and the time of an answer. */
const HELD_MS = 200;
/** Of so many of the newest writes it is known when they were done, for `sinceWritten`. */
const WRITES_REMEMBERED = 1_000;
/** While no more bytes than this wait, their events are held in memory too, and delivered from there. */
const IN_MEMORY_BYTES_MAX = 4 << 20;
const OWNER_ONLY = 0o700;
/** LMDB's map is larger than `bytesMax` by this factor: it reuses a page only a transaction after the page was left. */
const MAP_FACTOR = 4;
const MAP_BYTES_MIN = 64 * 1024 * 1024;

/** The machine, and a number that grows over all of them. */
type Key = readonly [machine: string, number: number];

/** Events of a machine that were put together stand in one record, a line each, up to so many and so long: LMDB takes time for each record. */
const RECORD_EVENTS_MAX = 100;
const RECORD_LENGTH_MAX = 1 << 16;
const LINE_END = "\n";

/** Its key is that of its first event; the numbers of the others follow. */
interface EventRecord {
  readonly key: Key;
  readonly lines: string[];
}

export interface WaitingEvent {
  readonly key: Key;
  readonly json: string;
  /** The record on disk in which the event stands. */
  readonly record: EventRecord;
}

export class Outbox {
  readonly #root: RootDatabase;
  readonly #events: Database<string, [string, number]>;
  readonly #notes: Database<string, string>;
  readonly #bytesMax: number;
  readonly #folder: string;
  readonly #room: DiskRoom;
  readonly #onMemoryDamaged: (error: OutboxDamagedMemory) => void;
  readonly #putIds: PutIds;
  /** Numbers of delivered records that the next write removes from the disk. */
  readonly #leaving = new Map<number, Key>();
  #removing: NodeJS.Timeout | null = null;
  /** The records of all waiting events, by machine and in order; `null`: they are more than memory holds, and are read from the disk. */
  #memory: Map<string, EventRecord[]> | null = null;
  /** Records that are in memory alone, by number, and notes that are written with the next write. */
  readonly #held = new Map<number, EventRecord>();
  readonly #heldNotes = new Map<string, string>();
  #writingHeld: NodeJS.Timeout | null = null;
  /** Whether held events were delivered in time, since none waited last. */
  #isPrompt = true;
  readonly #closing = new AbortController();
  #next: number;
  #bytes = 0;
  #count = 0;
  /** How many events wait, by machine; a machine without any is not in it. */
  readonly #machines = new Map<string, number>();
  #waiters: (() => void)[] = [];
  /** Of the newest writes: the numbers of their events, from and to below, and when they were done (monotonic ms). */
  readonly #writes: { readonly first: number; readonly end: number; readonly at: number }[] = [];

  constructor({ folder, bytesMax, onMemoryDamaged = () => undefined }: OutboxOptions) {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    const mapSize = Math.max(MAP_BYTES_MIN, MAP_FACTOR * bytesMax);
    // Batching by event turn makes a promise that callers do not get, and a failed commit rejects it.
    this.#root = open({ path: folder, overlappingSync: false, eventTurnBatching: false, mapSize, maxDbs: 2 });
    this.#events = this.#root.openDB<string, [string, number]>("events by machine", { encoding: "string" });
    this.#notes = this.#root.openDB<string, string>("notes", { encoding: "string" });
    this.#bytesMax = bytesMax;
    this.#folder = folder;
    this.#room = new DiskRoom(folder, this.#root);
    this.#onMemoryDamaged = onMemoryDamaged;
    let last = -1;
    for (const { key, value } of this.#events.getRange()) {
      const lines = value.split(LINE_END);
      last = Math.max(last, key[1] + lines.length - 1);
      this.#bytes += value.length - (lines.length - 1);
      this.#counted(key[0], lines.length);
    }
    this.#next = last + 1;
    if (this.#count === 0) this.#memory = new Map();
    this.#putIds = new PutIds((name) => this.note(name));
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
    return this.#heldNotes.get(name) ?? this.#notes.get(name) ?? null;
  }

  /**
   * Resolves when the events and the notes are on disk; events that were put lately are left out. Throws `OutboxFull` or `OutboxUnwritable`,
   * and then none of them is.
   */
  async put(given: readonly MappedEvent[], notes: ReadonlyMap<string, string>): Promise<void> {
    const events = this.#putIds.newOf(given);
    if (events.length === 0 && notes.size === 0) return;
    const bytes = lengthOf(events);
    const first = this.#take(events.length, bytes);
    const ids = this.#putIds.noteOf(events);
    try {
      await this.#written(first, events, ids === null ? notes : new Map([...notes, [ids.name, ids.text]]), bytes);
      ids?.done();
    } catch (error) {
      this.#bytes -= bytes;
      throw error;
    }
    this.#taken(first, events.length);
  }

  /**
   * As `put`, of a peer that does not wait: resolves at once, and the events are on disk within `HELD_MS` unless they are delivered
   * before. While events wait longer than that it is a `put`, which resolves when they are on disk.
   */
  async hold(events: readonly MappedEvent[], notes: ReadonlyMap<string, string>): Promise<void> {
    const bytes = lengthOf(events);
    if (!this.#isPrompt || this.#memory === null || this.#bytes + bytes > IN_MEMORY_BYTES_MAX) {
      return this.put(events, notes);
    }
    const first = this.#take(events.length, bytes);
    for (const record of recordsOf(first, events)) {
      this.#held.set(record.key[1], record);
      this.#counted(record.key[0], record.lines.length);
      this.#remember(record);
    }
    for (const [name, text] of notes) this.#heldNotes.set(name, text);
    if (notes.size > 0) this.#tidyLater();
    if (events.length === 0) return;
    this.#writingHeld ??= setTimeout(() => {
      this.#writingHeld = null;
      this.#isPrompt = false;
      void this.#writeHeld();
    }, HELD_MS);
    this.#taken(first, events.length);
  }

  /** Tries until they are on disk, or delivered; meanwhile a put tells why the disk refuses. */
  async #writeHeld(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#held.size > 0 && !signal.aborted) {
      await this.#commit(0, 0, () => []).catch(() => sleepTimer(HELD_MS, signal));
    }
  }

  /** Numbers for events, of which the first is returned. Throws `OutboxFull`. */
  #take(count: number, bytes: number): number {
    if (count > 0 && this.#bytes + bytes > this.#bytesMax) {
      throw new OutboxFull(`${this.#bytes} bytes wait to be delivered, of at most ${this.#bytesMax}`);
    }
    this.#bytes += bytes;
    const first = this.#next;
    this.#next += count;
    return first;
  }

  #taken(first: number, count: number): void {
    if (count > 0) this.#writes.push({ first, end: first + count, at: performance.now() });
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
    const records = recordsOf(first, events);
    await this.#commit(added, records.length + notes.size, () => this.#puts(records, notes));
    for (const record of records) {
      this.#counted(record.key[0], record.lines.length);
      this.#remember(record);
    }
  }

  #puts(records: Iterable<EventRecord>, notes: ReadonlyMap<string, string>): readonly Promise<unknown>[] {
    return [
      ...[...records].map(({ key, lines }) => this.#events.put([...key], lines.join(LINE_END))),
      ...[...notes].map(([name, text]) => this.#notes.put(name, text)),
    ];
  }

  #remember(record: EventRecord): void {
    if (this.#memory === null) return;
    const [machine] = record.key;
    const known = this.#memory.get(machine);
    if (known === undefined) this.#memory.set(machine, [record]);
    else known.push(record);
    if (this.#bytes > IN_MEMORY_BYTES_MAX && this.#held.size === 0) this.#memory = null;
  }

  /** Writes changes, together with what is held and without what has left. */
  async #commit(added: number, changes: number, change: () => readonly Promise<unknown>[]): Promise<void> {
    const leaving = [...this.#leaving.values()];
    const [held, notes] = [new Map(this.#held), new Map(this.#heldNotes)];
    // Those that are delivered while they are written leave with a later write.
    this.#held.clear();
    this.#heldNotes.clear();
    let addedWith = added;
    for (const { lines } of held.values()) for (const line of lines) addedWith += line.length;
    for (const text of notes.values()) addedWith += text.length;
    try {
      await this.#room.during(addedWith, changes + leaving.length + held.size + notes.size, () =>
        this.#events.batch(() => {
          const removed = leaving.map(([machine, number]) => this.#events.remove([machine, number]));
          const written = this.#puts(held.values(), notes);
          // Each promise rejects as the whole does; an unhandled rejection would end the process. Most are one and the same promise.
          for (const part of new Set([...removed, ...written, ...change()])) part.catch(() => undefined);
        }),
      );
      for (const [, number] of leaving) this.#leaving.delete(number);
    } catch (error) {
      for (const [number, record] of held) {
        if (this.#memory?.get(record.key[0])?.includes(record) === true) this.#held.set(number, record);
      }
      for (const [name, text] of notes) if (!this.#heldNotes.has(name)) this.#heldNotes.set(name, text);
      if (error instanceof NoRoom) throw new OutboxUnwritable(`the outbox: ${error.message}: free some space`);
      const cause = await commitCauseOf(error);
      const why = cause instanceof Error ? cause.message : String(cause);
      const what = `the outbox in ${this.#folder}: writing failed: ${why}`;
      if (damagedMemory(cause)) {
        const todo = "This process ends; what was kept is in the outbox, and the next start goes on from there";
        this.#onMemoryDamaged(new OutboxDamagedMemory(`${what}. ${todo}`, { cause }));
      }
      throw new OutboxUnwritable(what, { cause });
    }
  }

  /**
   * The oldest events of a machine that wait, at most `countMax`, whose numbers lie in `[from, to)`. `end` has told these bounds, so that no
   * record lies across them. A record is given whole, unless it alone has more than `countMax` events.
   */
  oldest(machine: string, countMax: number, from = 0, to: number = this.#next): readonly WaitingEvent[] {
    const found: WaitingEvent[] = [];
    for (const record of this.#records(machine, countMax, from, to)) {
      const [, number] = record.key;
      if (found.length > 0 && found.length + record.lines.length > countMax) break;
      for (const [i, json] of record.lines.slice(0, countMax).entries()) {
        found.push({ key: [machine, number + i], json, record });
      }
      if (found.length === countMax) break;
    }
    return found;
  }

  *#records(machine: string, countMax: number, from: number, to: number): Iterable<EventRecord> {
    if (this.#memory !== null) {
      const records = this.#memory.get(machine) ?? [];
      yield* records.filter(({ key: [, number] }) => number >= from && number < to);
      return;
    }
    const range = { start: [machine, from], end: [machine, to], limit: countMax + this.#leaving.size };
    for (const { key, value } of this.#events.getRange(range)) {
      if (!this.#leaving.has(key[1])) yield { key: [machine, key[1]], lines: value.split(LINE_END) };
    }
  }

  /**
   * These events were delivered, the oldest of each record, and wait no more. A whole record goes from the disk with the next write, or by
   * `flush`, for a write costs as much for one record as for many. Throws `OutboxUnwritable` where a record of which a part is left
   * cannot be written; all of them wait still then.
   */
  async remove(events: readonly WaitingEvent[]): Promise<void> {
    const counts = new Map<EventRecord, number>();
    for (const { record } of events) counts.set(record, (counts.get(record) ?? 0) + 1);
    const parts = [...counts].filter(([{ key, lines }, count]) => count < lines.length && !this.#held.has(key[1]));
    if (parts.length > 0) {
      await this.#commit(0, 2 * parts.length, () =>
        parts.flatMap(([{ key, lines }, count]) => {
          const [machine, number] = key;
          const rest = lines.slice(count).join(LINE_END);
          return [this.#events.remove([machine, number]), this.#events.put([machine, number + count], rest)];
        }),
      );
    }
    for (const [record, count] of counts) {
      const { key, lines } = record;
      const wasHeld = this.#held.delete(key[1]);
      if (count === lines.length && !wasHeld) this.#leaving.set(key[1], key);
      this.#counted(key[0], -count);
      const rest = this.#forget(record, count);
      if (wasHeld && rest.lines.length > 0) this.#held.set(rest.key[1], rest);
    }
    for (const { json } of events) this.#bytes -= json.length;
    if (this.#held.size === 0 && this.#writingHeld !== null) {
      clearTimeout(this.#writingHeld);
      this.#writingHeld = null;
    }
    if (this.#count === 0) {
      this.#memory = new Map();
      this.#isPrompt = true;
    }
    if (this.#leaving.size > 0) this.#tidyLater();
  }

  #tidyLater(): void {
    this.#removing ??= setTimeout(() => {
      this.#removing = null;
      // Where the disk refuses the write, a later one does it.
      this.#tidy().catch(() => {});
    }, REMOVE_WITHIN_MS);
  }

  /** Has memory hold a record without its oldest lines, which were delivered; returns what is left of it. */
  #forget(record: EventRecord, count: number): EventRecord {
    const [machine, number] = record.key;
    const rest: EventRecord = { key: [machine, number + count], lines: record.lines.slice(count) };
    const records = this.#memory?.get(machine);
    const place = records?.indexOf(record) ?? -1;
    if (records === undefined || place === -1) return rest;
    if (rest.lines.length > 0) records.splice(place, 1, rest);
    else records.splice(place, 1);
    if (records.length === 0) this.#memory?.delete(machine);
    return rest;
  }

  /** Resolves when all that was removed is gone from the disk. Throws `OutboxUnwritable`. */
  async flush(): Promise<void> {
    if (this.#leaving.size > 0) await this.#commit(0, 0, () => []);
  }

  /** Writes all that the disk lacks. Throws `OutboxUnwritable`. */
  async #tidy(): Promise<void> {
    if (this.#leaving.size + this.#held.size + this.#heldNotes.size > 0) await this.#commit(0, 0, () => []);
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
    if (this.#removing !== null) clearTimeout(this.#removing);
    if (this.#writingHeld !== null) clearTimeout(this.#writingHeld);
    this.#closing.abort();
    await this.#tidy().catch(() => {});
    await this.#root.close();
  }
}

function lengthOf(events: readonly MappedEvent[]): number {
  return events.reduce((sum, { json }) => sum + json.length, 0);
}

/** Numbers grow machine by machine, and of each machine in order. */
function recordsOf(first: number, events: readonly MappedEvent[]): readonly EventRecord[] {
  const byMachine = new Map<string, string[]>();
  for (const { machine, json } of events) {
    const lines = byMachine.get(machine);
    if (lines === undefined) byMachine.set(machine, [json]);
    else lines.push(json);
  }
  const records: EventRecord[] = [];
  let next = first;
  for (const [machine, lines] of byMachine) {
    let last: EventRecord | null = null;
    let length = 0;
    for (const json of lines) {
      length += json.length;
      if (last === null || last.lines.length === RECORD_EVENTS_MAX || length > RECORD_LENGTH_MAX) {
        records.push((last = { key: [machine, next], lines: [] }));
        length = json.length;
      }
      last.lines.push(json);
      next++;
    }
  }
  return records;
}
