/**
 * The entries of the topic `oee.entries`, read from the oldest on and kept in their one order (RE-1). Whether an appended entry
 * is accepted depends on its place in that order: of two people who write the same revision at once, at any two gateways, the
 * second gets a conflict.
 */
import { randomUUID } from "node:crypto";
import type { EventLog, Follower, RecordBatch, Topics } from "@oee/event-log";
import { GiveWay, inTime, stepsGivingWay } from "@oee/pacing";
import type { Plant } from "@oee/model";
import {
  bookOf,
  type Entry,
  type EntryRefusal,
  isEntryRefusal,
  parseTicket,
  plantAsItWasInSteps,
  Programme,
  readEntry,
} from "@oee/review";
import { isPartial } from "../access/seen-plant.ts";
import { HttpProblem } from "../problems.ts";

/** An entry of the log that is refused with the plant in force, such as one of a scope that it lacks: it is not in the programme. */
export interface RefusedEntry {
  readonly offset: number;
  readonly entry: unknown;
  readonly refusal: EntryRefusal;
}

/** The programme of a plant, made of all entries before an offset. */
export interface ProgrammeNow {
  readonly programme: Programme;
  /** The offset after the newest entry in the programme. */
  readonly offset: number;
  readonly refused: readonly RefusedEntry[];
}

interface LoggedEntry {
  readonly offset: number;
  readonly value: unknown;
}

interface Reading {
  readonly programme: Programme;
  readonly refused: RefusedEntry[];
  /** Number of entries of the log that the programme has taken or passed over. */
  taken: number;
}

type Wake = (offset: number) => void;

/** Header with a random id of the append that a record came by, by which its records are recognised when they are read back. */
const POST_HEADER = "post";
/** How long a request waits for the topic to be read to its end, or for its own record to come back. */
const WAIT_MS = 10_000;

export class EntryLog {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #entries: LoggedEntry[] = [];
  readonly #readings = new WeakMap<Plant, Reading>();
  readonly #waits = new Map<string, Wake>();
  readonly #caughtUp: Promise<void>;
  #follower: Follower | null = null;
  #tellCaughtUp: () => void = () => undefined;
  #offset = 0;
  #reaches: { readonly offset: number; readonly resolve: () => void }[] = [];

  constructor(log: EventLog, topics: Topics) {
    this.#log = log;
    this.#topic = topics.entries.name;
    this.#caughtUp = new Promise((resolve) => (this.#tellCaughtUp = resolve));
  }

  /** Begins to read the topic. */
  start(): void {
    const follower = this.#log.followKeyed({
      topic: this.#topic,
      onBatch: (batch) => this.#take(batch),
      onCaughtUp: () => this.#tellCaughtUp(),
    });
    this.#follower = follower;
    void follower.closed.then(() => (this.#follower = null));
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }

  /** The programme of all entries read so far. Throws `HttpProblem` while those that there were at the gateway's start are not read. */
  async programmeOf(plant: Plant): Promise<ProgrammeNow> {
    await this.#read();
    await this.#readOn(plant);
    return this.#now(plant);
  }

  /**
   * The programme of the entries before an offset, with the plant's past structures as these entries record them (DI-3). Throws
   * `HttpProblem` where the entries are not read up to there within 10 s.
   */
  async programmeUpTo(today: Plant, end: number): Promise<Programme> {
    await this.#read();
    await this.#reached(end);
    const values = this.#entries.filter(({ offset }) => offset < end).map(({ value }) => value);
    const plant = await stepsGivingWay(plantAsItWasInSteps(today, bookOf(today, values, ["structure"])));
    const programme = new Programme(plant, () => null);
    const giveWay = new GiveWay();
    for (const value of values) {
      const entry = readEntry(plant, value);
      if (!isEntryRefusal(entry)) programme.accept(entry);
      if (giveWay.due) await giveWay.now();
    }
    return programme;
  }

  /** The refused entries, once the log is read up to an offset. Throws `HttpProblem` where that takes more than 10 s. */
  async refusedUpTo(plant: Plant, offset: number): Promise<readonly RefusedEntry[]> {
    await this.#read();
    await this.#reached(offset);
    await this.#readOn(plant);
    return this.#now(plant).refused;
  }

  /** The programme of the entries read so far; `null`: the topic is not being read. */
  known(plant: Plant): Programme | null {
    return this.#follower === null ? null : this.#now(plant).programme;
  }

  /**
   * Appends entries to the log, all by one write, and returns of each, once all are read back, the accepted entry, or why it is
   * refused at its place in the order. Throws `HttpProblem` or `LogError` where the log does not take them.
   */
  async append(
    plant: Plant,
    values: readonly Readonly<Record<string, unknown>>[],
  ): Promise<readonly (Entry | EntryRefusal)[]> {
    if (values.length === 0) return [];
    await this.#read();
    const post = randomUUID();
    const offsets: number[] = [];
    const back = new Promise<void>((resolve) =>
      this.#waits.set(post, (offset) => {
        if (offsets.push(offset) === values.length) resolve();
      }),
    );
    try {
      const records = values.map((value) => ({
        key: `${String(value["type"])}/${String(value["id"])}`,
        value: Buffer.from(JSON.stringify(value)),
        headers: { [POST_HEADER]: post },
      }));
      await this.#log.append(this.#topic, records);
      await within(back, "the entries are in the log, and were not read back in time; ask GET /entries");
      const { programme, refused } = this.#now(plant);
      const refusals = new Map(refused.map(({ offset, refusal }) => [offset, refusal]));
      return values.map((value, i) => {
        const refusal = refusals.get(offsets[i] as number);
        if (refusal !== undefined) return refusal;
        const entry = readEntry(plant, value);
        if (isEntryRefusal(entry)) return entry;
        return programme.book.revisionsOf(entry.type, entry.id)[entry.rev - 1] ?? entry;
      });
    } finally {
      this.#waits.delete(post);
    }
  }

  async #read(): Promise<void> {
    if (this.#follower === null) throw new HttpProblem("OEE_HTTP_LOG_UNAVAILABLE", "the entries are not read any more");
    await within(this.#caughtUp, "the entries are not read yet");
  }

  async #reached(offset: number): Promise<void> {
    if (this.#offset >= offset) return;
    const reached = new Promise<void>((resolve) => this.#reaches.push({ offset, resolve }));
    await within(reached, `the entries are read up to ${this.#offset}, not ${offset}`);
  }

  /** Takes entries into the programme of a plant, with other work in between: of a plant that is new all are to be read. */
  async #readOn(plant: Plant): Promise<void> {
    const reading = this.#readingOf(plant);
    const giveWay = new GiveWay();
    while (this.#takeNext(plant, reading)) if (giveWay.due) await giveWay.now();
  }

  #now(plant: Plant): ProgrammeNow {
    const reading = this.#readingOf(plant);
    while (this.#takeNext(plant, reading));
    return { programme: reading.programme, offset: this.#offset, refused: reading.refused };
  }

  #readingOf(plant: Plant): Reading {
    let reading = this.#readings.get(plant);
    if (reading === undefined) {
      // No facts are needed: an entry was judged by them when it was accepted, and holds its figures.
      reading = { programme: new Programme(plant, () => null), refused: [], taken: 0 };
      this.#readings.set(plant, reading);
    }
    return reading;
  }

  /** Whether there was an entry to take. */
  #takeNext(plant: Plant, reading: Reading): boolean {
    const next = this.#entries[reading.taken];
    if (next === undefined) return false;
    reading.taken++;
    const { offset, value } = next;
    const entry = readEntry(plant, value);
    if (isPartial(plant) && !isSeenEntry(plant, entry)) return true;
    const refusal = isEntryRefusal(entry) ? entry : reading.programme.accept(entry);
    if (refusal !== null) reading.refused.push({ offset, entry: value, refusal });
    return true;
  }

  #take(batch: RecordBatch): void {
    for (let i = 0; i < batch.length; i++) {
      const offset = batch.offsetAt(i);
      this.#entries.push({ offset, value: valueIn(batch.valueAt(i)) });
      this.#offset = offset + 1;
      const post = batch.hasHeaders(i) ? batch.headersAt(i)[POST_HEADER]?.toString("utf8") : undefined;
      if (post !== undefined) this.#waits.get(post)?.(offset);
    }
    this.#offset = Math.max(this.#offset, batch.nextOffset);
    for (const { offset, resolve } of this.#reaches) if (offset <= this.#offset) resolve();
    this.#reaches = this.#reaches.filter(({ offset }) => offset > this.#offset);
  }
}

/** Whether a person who sees a part of the plant sees an entry: it is of a scope in that part, not of the whole plant. */
function isSeenEntry(plant: Plant, entry: Entry | EntryRefusal): boolean {
  if (isEntryRefusal(entry)) return false;
  switch (entry.type) {
    case "pilot":
      return [...entry.scopes, ...entry.controls].every(({ path }) => path !== "*");
    case "acknowledgement":
      return plant.machineById.has(parseTicket(entry.alert)?.machine ?? "");
    default:
      return entry.scope.path !== "*";
  }
}

/** The result of a promise, or an `HttpProblem` after `WAIT_MS`: the log is away, and a request does not wait for ever. */
async function within<T>(promise: Promise<T>, detail: string): Promise<T> {
  return inTime(promise, WAIT_MS, () => {
    throw new HttpProblem("OEE_HTTP_LOG_UNAVAILABLE", detail);
  });
}

function valueIn(bytes: Buffer | null): unknown {
  try {
    return bytes === null ? null : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
