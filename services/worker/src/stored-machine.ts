/**
 * Reads the stored events of one machine for a recompute (DI-1): finds the anchor to begin at, and reads the events after
 * it, and of the time before it only what still counts: totals, the job and corrections.
 */
import { minuteStart } from "@oee/columns";
import { type CounterName, type MachineModel, quantitiesOf, runningPulses, settledSince } from "@oee/engine";
import type { PartitionOffset } from "@oee/event-log";
import {
  type CorrectionEvent,
  type EventDecoder,
  type Machine,
  type PlantEvent,
  type StateEvent,
  type TotalEvent,
} from "@oee/model";
import type { EventRecord, HistoryStart, Store } from "@oee/store";
import { anchorAmong } from "./anchor.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LOOK_BACK = [50, 1_000, 10_000];
/** The span of state events read at once in search of an anchor. */
const LOOK_AHEAD_MS = 7 * DAY_MS;
const COUNT_TYPES = ["count", "total", "job"] as const;
/** How many counts are read in search of the first anchor of a span. */
const FIRST_COUNTS = 1_000;
/** Epoch ms; before any event that is valid (DI-2). */
const EARLIEST = 0;
/** Epoch ms; after any event that is valid. */
const LATEST = Date.UTC(2100, 0, 1);

/** An instant (epoch ms) at which a recompute can begin: what follows depends on nothing before it but counters, the job and corrections. */
export interface Anchor {
  readonly at: number;
  /** A pulse while the machine is in a state of production (TL-9), which depends on that state too; else a state event that begins production. */
  readonly byPulse: boolean;
}

/** The stored events of one machine. Instants are epoch ms. Its methods throw `StoreError`. */
export class StoredMachine {
  readonly #store: Store;
  readonly #model: MachineModel;
  readonly #decoder: EventDecoder;
  readonly #before: PartitionOffset | null;
  readonly #corrections: readonly CorrectionEvent[];
  #lastEventAt: number | null = null;
  /** The first instant of an event, or from which a correction applies; `Infinity` where there is none. */
  readonly begins: number;
  /**
   * The instant from which all raw events are still stored; `-Infinity`: none is gone. Older rows stay as they are, because
   * retention deletes events part by part, and those left would give less than the rows say.
   */
  readonly knownFrom: number;
  /** Whether raw events have a retention, so that old ones may be gone. */
  readonly expires: boolean;

  /** Opens the machine's events with offsets below `before` in its partition; `null`: all of them. */
  static async open(
    store: Store,
    model: MachineModel,
    decoder: EventDecoder,
    before: PartitionOffset | null = null,
  ): Promise<StoredMachine> {
    const machine = model.machine.id;
    const corrections: CorrectionEvent[] = [];
    /** Of those too that are not read yet: there may be rows of them, and they are not gone. */
    const corrected: { readonly from: number; readonly to: number }[] = [];
    for await (const records of store.events({ machine, types: ["correction"] })) {
      for (const record of records) {
        for (const event of eventOf(decoder, record)) {
          if (event.type !== "correction") continue;
          corrected.push(event);
          if (isBefore(record, before)) corrections.push(event);
        }
      }
    }
    const start = await store.historyStart(machine, corrected);
    return new StoredMachine(store, model, decoder, before, corrections, start);
  }

  private constructor(
    store: Store,
    model: MachineModel,
    decoder: EventDecoder,
    before: PartitionOffset | null,
    corrections: readonly CorrectionEvent[],
    { row, event, expiresBefore, keptFrom }: HistoryStart,
  ) {
    this.#store = store;
    this.#model = model;
    this.#decoder = decoder;
    this.#before = before;
    this.#corrections = corrections;
    this.begins = corrections.reduce((oldest, { from }) => Math.min(oldest, from), event ?? Infinity);
    this.expires = expiresBefore !== null;
    const oldest = Math.min(row ?? Infinity, this.begins);
    const isCut = expiresBefore !== null && oldest < expiresBefore + DAY_MS;
    this.knownFrom = Math.max(keptFrom ?? -Infinity, isCut ? expiresBefore + HOUR_MS : -Infinity);
  }

  /** The first instant that does not depend on deleted events: the first anchor after `knownFrom`; `Infinity` if there is none. */
  async exactFrom(): Promise<number> {
    // No event is gone, or none is left.
    if (!Number.isFinite(this.knownFrom)) return this.knownFrom;
    return (await this.anchorFrom(this.knownFrom, LATEST))?.at ?? Infinity;
  }

  /**
   * The newest anchor a minute or more before `from`, among the 10,000 state events before it or, where counts tell whether the
   * machine runs (TL-9), the 10,000 counts; `null`: none.
   */
  async anchorBefore(from: number): Promise<Anchor | null> {
    const before = minuteStart(from) - MINUTE_MS;
    let [moreStates, moreCounts] = [true, this.#model.machine.pulseGapMs !== null];
    for (const limit of LOOK_BACK) {
      if (moreStates) {
        const records = await this.#statesBefore(before, limit);
        const at = this.#anchorAmong(records);
        if (at !== null) return { at, byPulse: false };
        moreStates = records.length === limit;
      }
      if (moreCounts) {
        const query = { machine: this.#machine, types: COUNT_TYPES, before, limit };
        const records = await this.#store.eventsBefore(query);
        const oldest = records.at(-1);
        moreCounts = records.length === limit;
        // Of the oldest instant of many only a part may be among them.
        const since = Math.max(oldest === undefined ? before : oldest.at + (moreCounts ? 1 : 0), this.knownFrom);
        const anchor = (await this.#byPulse(records.toReversed(), since, before)).at(-1);
        if (anchor !== undefined) return anchor;
      }
    }
    return null;
  }

  /** The first anchor in `[from, to)`. */
  async anchorFrom(from: number, to: number): Promise<Anchor | null> {
    const last = await this.lastEventAt();
    let previous = (await this.#statesBefore(from, 1)).slice(0, 1);
    for (let at = from; at < Math.min(to, last + 1); at += LOOK_AHEAD_MS) {
      const span = { from: at, to: Math.min(to, at + LOOK_AHEAD_MS) };
      const byPulse = await this.#firstByPulse(span.from, span.to);
      const found: EventRecord[] = [];
      for await (const records of this.#store.events({ machine: this.#machine, ...span, types: ["state"] })) {
        found.push(...records.filter((record) => isBefore(record, this.#before)));
      }
      const states = [...previous, ...found.sort((a, b) => a.at - b.at)];
      for (let i = 1; i < states.length; i++) {
        const state = this.#anchorAmong([states[i] as EventRecord, states[i - 1] as EventRecord]);
        if (state !== null && state < (byPulse?.at ?? Infinity)) return { at: state, byPulse: false };
      }
      if (byPulse !== null) return byPulse;
      previous = states.slice(-1);
    }
    return null;
  }

  /** Events from an anchor, or from all that is known where there is none, up to `to`, in log order, after `seedsOf` it. */
  async eventsOf(anchor: Anchor | null, to: number): Promise<PlantEvent[]> {
    const machine = this.#machine;
    const events = await this.seedsOf(anchor);
    const span = withinEver(anchor?.at ?? this.knownFrom, to);
    if (span.from >= span.to) return events;
    for await (const records of this.#store.events({ machine, ...span, types: ["state", "count", "total", "job"] })) {
      for (const event of this.#decoded(records)) events.push(event);
    }
    return events;
  }

  /** Events of `[from, to)` but corrections, with offsets below `before`, by instant, in batches. */
  async *eventsByTime(from: number, to: number, before: PartitionOffset): AsyncGenerator<PlantEvent[]> {
    const types = ["state", "count", "total", "job"] as const;
    const span = withinEver(from, to);
    if (span.from >= span.to) return;
    for await (const records of this.#store.events({ machine: this.#machine, ...span, types, order: "time" })) {
      yield records.flatMap((record) => (isBefore(record, before) ? eventOf(this.#decoder, record) : []));
    }
  }

  /** Totals from `from` on and before `to`, by time, up to the first of each quantity asked for. */
  async nextTotals(from: number, to: number, quantities: Iterable<CounterName>): Promise<TotalEvent[]> {
    const lacking = new Set(quantities);
    const next: TotalEvent[] = [];
    const query = { machine: this.#machine, from, to, types: ["total"], order: "time" } as const;
    for await (const records of this.#store.events(query)) {
      for (const event of this.#decoded(records)) {
        // At one instant the later in log order holds: all of the last one are read.
        if (event.type !== "total" || (lacking.size === 0 && event.at > (next.at(-1)?.at ?? from))) return next;
        next.push(event);
        for (const quantity of quantitiesOf(event)) lacking.delete(quantity);
      }
    }
    return next;
  }

  /** The first state event from `from` on that gives another state than `state`, or a reason (TL-2); `null`: there is none. */
  async nextState(state: string, from: number, before: PartitionOffset): Promise<StateEvent | null> {
    const machine = this.#machine;
    // It is nearly always within a day, so the span read begins with one and grows.
    for (let at = from, span = DAY_MS; at < LATEST; at += span, span *= 4) {
      const found = this.#store.events({ machine, from: at, to: at + span, types: ["state"], order: "time" });
      for await (const records of found) {
        for (const record of records) {
          if (!isBefore(record, before)) continue;
          for (const event of eventOf(this.#decoder, record)) {
            if (event.type === "state" && (event.state !== state || event.reason !== null)) return event;
          }
        }
      }
      if (at + span > (this.#lastEventAt ??= await this.lastEventAt())) return null;
    }
    return null;
  }

  /**
   * What must be known of the time before an anchor: the last totals, the job, corrections that reach beyond it, and for a
   * pulse the state. `null`: all events that are known are read; the job before them, which stays stored, and corrections are all.
   */
  async seedsOf(anchor: Anchor | null): Promise<PlantEvent[]> {
    const events: PlantEvent[] = [];
    const from = anchor?.at ?? this.knownFrom;
    const counters = anchor === null ? [] : await this.#countersBefore(from);
    if (anchor !== null) {
      // Where counts tell whether it runs (TL-9), those before a state event must not have it run up to there.
      if (anchor.byPulse) events.push(...this.#decoded(await this.#statesBefore(from, 1)));
      else if (this.#model.machine.pulseGapMs !== null) {
        events.push(unknownBefore(this.#model.machine, counters, from));
      }
      events.push(...counters);
    }
    events.push(...(await this.#jobsBefore(from, counters)));
    for (const correction of this.#corrections) if (correction.to > from) events.push(correction);
    return events;
  }

  /** The first anchor among the pulses of `[from, to)`, of which it looks at the first thousand events. */
  async #firstByPulse(from: number, to: number): Promise<Anchor | null> {
    if (this.#model.machine.pulseGapMs === null) return null;
    const first: EventRecord[] = [];
    const query = { machine: this.#machine, types: COUNT_TYPES, order: "time" } as const;
    for await (const records of this.#store.events({ ...query, ...withinEver(from, to) })) {
      first.push(...records);
      // Of the last instant more may follow.
      if (first.length >= FIRST_COUNTS) return (await this.#byPulse(first, from, first.at(-1)?.at ?? to))[0] ?? null;
    }
    return (await this.#byPulse(first, from, to))[0] ?? null;
  }

  /** The anchors among the pulses of `[from, to)`, by time; `records`: counts, totals and jobs of that span by instant. */
  async #byPulse(records: readonly EventRecord[], from: number, to: number): Promise<Anchor[]> {
    const events = this.#decoded(records);
    if (events.length === 0) return [];
    // A recompute that begins where events begin to be known has no counters.
    const counters = from > this.knownFrom ? await this.#countersBefore(from) : [];
    const before = [...counters, ...(await this.#jobsBefore(from, counters))];
    const pulses = runningPulses(this.#model, [...before, ...events], from, to);
    if (pulses.length === 0) return [];
    const produces = await this.#production(from, to);
    return pulses
      .filter((at) => !this.#corrections.some((correction) => correction.from <= at && at < correction.to))
      .filter(produces)
      .map((at) => ({ at, byPulse: true }));
  }

  /**
   * Tells whether the state at an instant of `[from, to)` is one of production. Before the first stored state event it is, because
   * there are pulses (TL-9 (a)); where older events may be gone, the stored rows of the minute tell whether the machine ran.
   */
  async #production(from: number, to: number): Promise<(at: number) => boolean> {
    const states = this.#decoded(await this.#statesBefore(from, 1));
    const query = { machine: this.#machine, types: ["state"], order: "time" } as const;
    for await (const records of this.#store.events({ ...query, ...withinEver(from, to) })) {
      for (const event of this.#decoded(records)) states.push(event);
    }
    const ran = new Set<number>();
    const toldUntil = states[0]?.at ?? to;
    if (this.knownFrom > -Infinity && toldUntil > from) {
      const period = { from: minuteStart(from), to: toldUntil };
      for await (const rows of this.#store.rows({ machines: [this.#machine], period })) {
        for (const row of rows) if (row.runTime > 0) ran.add(row.from);
      }
    }
    let next = 0;
    return (at) => {
      while (next < states.length && (states[next]?.at ?? at) <= at) next++;
      const state = states[next - 1];
      if (state?.type === "state") return this.#model.classifier.classOf(state.state, null).category === "production";
      return this.knownFrom === -Infinity || ran.has(minuteStart(at));
    };
  }

  /** The job in force at an instant, and those from the first of these totals on, for what each total brought is in the pieces of its job (CN-6, CN-7). */
  async #jobsBefore(from: number, totals: readonly PlantEvent[]): Promise<PlantEvent[]> {
    if (from === -Infinity) return [];
    const [machine, types] = [this.#machine, ["job"] as const];
    const since = totals.reduce((first, { at }) => Math.min(first, at), from);
    const jobs = this.#decoded(await this.#store.eventsBefore({ machine, types, before: since, limit: 1 }));
    if (since === from) return jobs;
    for await (const records of this.#store.events({ machine, from: since, to: from, types })) {
      jobs.push(...this.#decoded(records));
    }
    return jobs;
  }

  /** Totals before an instant that tell how the counters stand there (CN-2, CN-7, CN-8), in log order. */
  async #countersBefore(from: number): Promise<PlantEvent[]> {
    const machine = this.#machine;
    const last = Object.values(await this.#store.totalsBefore({ machine, before: from })).filter((one) => one !== null);
    const byLog = last.sort(
      (a, b) => a.at - b.at || a.partition - b.partition || a.offset - b.offset || a.index - b.index,
    );
    const newest = this.#decoded(byLog);
    const asked = new Set(newest.flatMap((event) => (event.type === "total" ? quantitiesOf(event) : [])));
    if (this.#model.machine.maxRateMillionths === null && !asked.has("produced")) return newest;
    for (const limit of LOOK_BACK) {
      const records = await this.#store.eventsBefore({ machine, types: ["total"], before: from, limit });
      const totals = this.#decoded(records.toReversed()).filter((event) => event.type === "total");
      const since = settledSince(this.#model.machine, totals, asked);
      if (since !== null) return totals.filter(({ at }) => at >= since);
      if (records.length < limit) return totals;
    }
    const all: PlantEvent[] = [];
    for await (const records of this.#store.events({ machine, to: from, types: ["total"] })) {
      all.push(...this.#decoded(records));
    }
    return all;
  }

  /** The instant of the newest event that is no correction; `-Infinity` where there is none. */
  async lastEventAt(): Promise<number> {
    const types = ["state", "count", "total", "job"] as const;
    const [last] = await this.#store.eventsBefore({ machine: this.#machine, types, before: LATEST, limit: 1 });
    return last?.at ?? -Infinity;
  }

  get #machine(): string {
    return this.#model.machine.id;
  }

  /** State events before an instant, the newest first, without those older than `knownFrom`. */
  async #statesBefore(before: number, limit: number): Promise<readonly EventRecord[]> {
    const records = await this.#store.eventsBefore({ machine: this.#machine, types: ["state"], before, limit });
    return records.filter((record) => record.at >= this.knownFrom && isBefore(record, this.#before));
  }

  #anchorAmong(newestFirst: readonly EventRecord[]): number | null {
    return anchorAmong(
      this.#model,
      newestFirst.flatMap((record) => eventOf(this.#decoder, record)),
      this.#corrections,
    );
  }

  #decoded(records: readonly EventRecord[]): PlantEvent[] {
    return records.flatMap((record) => (isBefore(record, this.#before) ? eventOf(this.#decoder, record) : []));
  }
}

/** Whether a stored event lies before an offset. One of another partition does: it came before the machine was dealt to this one. */
function isBefore({ topic, partition, offset }: EventRecord, before: PartitionOffset | null): boolean {
  return before === null || topic !== before.topic || partition !== before.partition || offset < before.offset;
}

/** A state event `unknown` before all seeds, so that totals before an anchor do not make the machine run there (TL-9). */
function unknownBefore(machine: Machine, counters: readonly PlantEvent[], anchor: number): PlantEvent {
  const at = counters.reduce((first, event) => Math.min(first, event.at), anchor) - 1;
  return { type: "state", machine, at, id: null, state: "unknown", reason: null };
}

/** `[from, to)` cut to the instants that a valid event has. */
function withinEver(from: number, to: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(from, EARLIEST), to: Math.min(to, LATEST) };
}

/** A stored event, decoded with the plant file of now; empty where that refuses it. */
function eventOf(decoder: EventDecoder, record: EventRecord): readonly PlantEvent[] {
  const events: PlantEvent[] = [];
  // As a record: 0.1.0 kept the byte order mark that its producer wrote.
  decoder.decodeRecord(
    Buffer.from(record.raw),
    null,
    (event) => events.push(event),
    () => undefined,
  );
  return events;
}
