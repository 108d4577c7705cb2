/**
 * Makes events of observations by the mapping of each machine. A repeated value makes no new state. A value of bad quality, or the
 * loss of the peer, makes the state `unknown`, never idle or 0. A value without an instant counts nothing. A value of the past
 * makes an event and leaves the present state as it is. An event's id is a digest of what the event says, so that the engine
 * knows an observation that is sent again as a repeat (CN-4).
 */
import { hash } from "node:crypto";
import { formatInstant, MAX_FUTURE_MS_DEFAULT } from "@oee/model";
import type { Observation, SignalsByMachine } from "../port.ts";
import {
  alikeOf,
  heldSignalsOf,
  type Mapping,
  type Quantity,
  type ReasonMapping,
  signalsOf,
  type StateMapping,
} from "./mapping.ts";

/** An event of the contract, as JSON will have it. */
export interface MappedEvent {
  readonly machine: string;
  readonly json: string;
  /** The id in its JSON; missing: the JSON has none. */
  readonly id?: string;
  /** Its instant (epoch ms). */
  readonly at?: number;
}

type Value = Observation["value"];

/** A value that an event cannot be made of. */
export interface Unusable {
  readonly what: string;
  readonly why: string;
}

export interface Mapped {
  readonly events: readonly MappedEvent[];
  readonly unusable: readonly Unusable[];
  /** By machine, where it changed: its state as text, to be written to disk with the events. `restore` reads it after a restart, so that no event is made twice. */
  readonly kept: ReadonlyMap<string, string>;
  /** To be called when the events are on disk: later observations are then compared with the state after them. Without it they are compared with the state before. */
  commit(): void;
}

const ID_DIGITS = 24;
const UNKNOWN = "unknown";
/** In place of what was said last, where that was refused: no state and no job is the same. */
const REFUSED = "";
/** States of a PackML machine in which a nested state machine may say why it waits, by name and by number. */
const PACKML_INNER: ReadonlyMap<string, "held" | "suspended"> = new Map([
  ["held", "held"],
  ["11", "held"],
  ["suspended", "suspended"],
  ["5", "suspended"],
]);
/** OPC UA for PackML: the outer machine's states that only say that an inner machine is at work, by name and number. */
const PACKML_SUPER_STATES: ReadonlySet<string> = new Set(["running", "18", "cleared", "19"]);

export class Mapper {
  readonly #mappings: ReadonlyMap<string, Mapping>;
  /** By machine: the signals of which events are made; all others are only shown by `/connections`. */
  readonly #signals: ReadonlyMap<string, ReadonlySet<string>>;
  /** By machine: those of them whose values are kept over a restart. */
  readonly #held: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #machines = new Map<string, MachineState>();
  /** States of the machines in their past: observations marked `past` are compared with these, and the present ones are left as they are. */
  readonly #pasts = new Map<string, MachineState>();

  constructor(mappings: readonly Mapping[]) {
    this.#mappings = new Map(mappings.map((mapping) => [mapping.machine, mapping]));
    this.#signals = new Map(mappings.map((mapping) => [mapping.machine, signalsOf(mapping)]));
    this.#held = new Map(mappings.map((mapping) => [mapping.machine, heldSignalsOf(mapping)]));
  }

  /** Takes the text that `Mapped.kept` had of a machine before a restart. */
  restore(machine: string, kept: string): void {
    this.#machines.set(machine, MachineState.restored(kept));
  }

  /** What is said of each machine at present, its reason beside its state; a machine of which nothing is said is left out. */
  said(): readonly (Stated & { readonly machine: string })[] {
    return [...this.#machines].flatMap(([machine, { said }]) => (said === null ? [] : [{ machine, ...said }]));
  }

  /** The events of observations in their order. */
  map(observations: readonly Observation[]): Mapped {
    const events: MappedEvent[] = [];
    const unusable: Unusable[] = [];
    const changed = new Map<string, MachineState>();
    const pasts = new Map<string, MachineState>();
    const toKeep = new Set<string>();
    for (const group of together(observations, this.#signals)) {
      const { machine, age } = group.all[0];
      const mapping = this.#mappings.get(machine);
      if (mapping === undefined) continue;
      const [states, changes] = age === "past" ? [this.#pasts, pasts] : [this.#machines, changed];
      let state = changes.get(machine);
      if (state === undefined) changes.set(machine, (state = MachineState.like(states.get(machine))));
      state.take(mapping, group, events, unusable);
      const held = this.#held.get(machine);
      if (age !== "past" && held !== undefined && group.all.some(({ signal }) => held.has(signal))) toKeep.add(machine);
    }
    return this.#mapped(events, changed, toKeep, { unusable, pasts });
  }

  /** Makes some machines (`null`: all) `unknown` from `since` (epoch ms), because the peer is not heard. The next state of each is an event, also if it is the last one again. */
  gone(machines: ReadonlySet<string> | null, since: number): Mapped {
    const events: MappedEvent[] = [];
    const changed = new Map<string, MachineState>();
    for (const { machine, state: mapped } of this.#mappings.values()) {
      if (mapped === null || machines?.has(machine) === false) continue;
      const state = MachineState.like(this.#machines.get(machine));
      changed.set(machine, state);
      events.push(...state.forget(machine, since));
    }
    return this.#mapped(events, changed, changed.keys());
  }

  /** Takes the values of some signals alone from `since` (epoch ms) on, as of a device that died behind a peer that is heard. A machine whose state depends on one of them is `unknown`. */
  lost(signals: SignalsByMachine, since: number): Mapped {
    const events: MappedEvent[] = [];
    const changed = new Map<string, MachineState>();
    for (const [machine, names] of signals) {
      const mapping = this.#mappings.get(machine);
      if (mapping === undefined) continue;
      const state = MachineState.like(this.#machines.get(machine));
      changed.set(machine, state);
      state.lose(mapping, names, since, events);
    }
    return this.#mapped(events, changed, changed.keys());
  }

  /** Undoes `gone` for a peer that keeps what happens while it is away: its machines are in the states again in which they were. */
  back(): Mapped {
    const events: MappedEvent[] = [];
    const changed = new Map<string, MachineState>();
    for (const mapping of this.#mappings.values()) {
      const state = MachineState.like(this.#machines.get(mapping.machine));
      changed.set(mapping.machine, state);
      state.recall(mapping, events);
    }
    return this.#mapped(events, changed, changed.keys());
  }

  /** Takes back what an event said (JSON, of `map`) that was refused for its instant: by the next value it is said again, though that is the same. */
  unsaid(json: string): Mapped {
    const { machine, type, id: _id, at: _at, ...said } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    const state = MachineState.like(this.#machines.get(String(machine)));
    const isTakenBack = state.unsay(String(type), JSON.stringify(said));
    return this.#mapped(
      [],
      new Map(isTakenBack ? [[String(machine), state]] : []),
      isTakenBack ? [String(machine)] : [],
    );
  }

  #mapped(
    events: readonly MappedEvent[],
    changed: ReadonlyMap<string, MachineState>,
    toKeep: Iterable<string>,
    {
      unusable = [],
      pasts = new Map(),
    }: { readonly unusable?: readonly Unusable[]; readonly pasts?: ReadonlyMap<string, MachineState> } = {},
  ): Mapped {
    const kept = new Map<string, string>();
    for (const machine of toKeep) {
      const [state, held] = [changed.get(machine), this.#held.get(machine)];
      if (state !== undefined && held !== undefined) kept.set(machine, state.kept(held));
    }
    const commit = (): void => {
      for (const [machine, state] of changed) this.#machines.set(machine, state);
      for (const [machine, state] of pasts) this.#pasts.set(machine, state);
    };
    return { events, unusable, kept, commit };
  }
}

interface Held {
  readonly value: Value;
  /** Epoch ms. */
  readonly at: number;
}

/** The state of a machine as it is written to disk. */
interface Kept {
  readonly said: string | null;
  readonly before: string | null;
  readonly unknownAt: number | null;
  readonly job: string | null;
  /** Value and instant by signal: the state may be decided by several signals, of which only one comes next. */
  readonly values: Readonly<Record<string, readonly [Value, number]>>;
}

/** The newest values of one machine's signals, and what was last said of it. */
class MachineState {
  /** The newest value by signal; `null`: its quality is bad. */
  readonly #values = new Map<string, Held>();
  /** Signals with their values and instants (epoch ms) from before the peer was lost, for `recall`. */
  #forgotten: readonly (readonly [string, Held])[] = [];
  #said: string | null = null;
  /** The state that the newest event before `unknown` has. */
  #before: string | null = null;
  /** The instant from which the state is `unknown` (epoch ms), until a state with a later instant is known; `null`: it is not. */
  #unknownAt: number | null = null;
  #job: string | null = null;
  /** How many quantities came at the newest arrival (epoch ms): each is a message of its own, also where they say the same within a ms. */
  #arrivals = { at: -Infinity, count: 0 };

  static like(other: MachineState | undefined): MachineState {
    const state = new MachineState();
    if (other === undefined) return state;
    for (const [signal, held] of other.#values) state.#values.set(signal, held);
    state.#forgotten = other.#forgotten;
    state.#said = other.#said;
    state.#before = other.#before;
    state.#unknownAt = other.#unknownAt;
    state.#job = other.#job;
    state.#arrivals = other.#arrivals;
    return state;
  }

  static restored(text: string): MachineState {
    const { said, before, unknownAt, job, values } = JSON.parse(text) as Kept;
    const state = new MachineState();
    for (const [signal, [value, at]] of Object.entries(values)) {
      state.#values.set(signal, { value, at });
    }
    state.#said = said;
    state.#before = before;
    state.#unknownAt = unknownAt;
    state.#job = job;
    return state;
  }

  get said(): Stated | null {
    return this.#said === null || this.#said === REFUSED ? null : (JSON.parse(this.#said) as Stated);
  }

  /** `said`: JSON of a state or a job. Returns whether it was the one that was said last. */
  unsay(type: string, said: string): boolean {
    if (type === "state" && said === this.#said) this.#said = REFUSED;
    else if (type === "job" && said === this.#job) this.#job = REFUSED;
    else return false;
    return true;
  }

  /** `held`: the signals whose values are kept. */
  kept(held: ReadonlySet<string>): string {
    const values: Record<string, readonly [Value, number]> = {};
    for (const [signal, { value, at }] of this.#values) if (held.has(signal)) values[signal] = [value, at];
    const kept: Kept = { said: this.#said, before: this.#before, unknownAt: this.#unknownAt, job: this.#job, values };
    return JSON.stringify(kept);
  }

  take(mapping: Mapping, { all, signals: changed }: Group, events: MappedEvent[], unusable: Unusable[]): void {
    const { machine, at, age, key } = all[0];
    // What was so before, of which the values take the place.
    const pulsed = age === "undated" ? null : this.#pulsesIn(mapping, all);
    for (const { signal, quality, value } of all) {
      this.#values.set(signal, { value: quality === "good" ? value : null, at });
    }
    // A row of a table says all of a job: an order or a cycle that it leaves out does not hold on from the row before.
    if (key !== undefined && mapping.product !== null && changed.has(mapping.product)) {
      for (const signal of [mapping.order, mapping.idealCycleSeconds, mapping.piecesPerCount]) {
        if (signal !== null && !changed.has(signal)) this.#values.set(signal, { value: null, at });
      }
    }
    const job = this.#jobOf(mapping, changed, unusable);
    if (job !== null) events.push(eventOf("job", machine, at, job));
    if (age !== "undated") {
      const total = this.#totalsOf(mapping, changed, unusable);
      if (total !== null) events.push(eventOf("count", machine, at, { total }, key));
      const delta = this.#numbersOf(mapping.machine, mapping.deltas, changed, unusable);
      for (const counted of [delta, pulsed]) {
        if (counted !== null) events.push(eventOf("count", machine, at, counted, key ?? this.#arrivalOf(all[0])));
      }
    }
    const state = this.#stateNow(mapping, changed);
    if (state !== null) this.#say(machine, state, this.#decidedAt(mapping, at), events);
  }

  /**
   * Makes an event of a state that differs from the last one. A present state whose instant lies before that of the last
   * `unknown` still lasts: it is said again from 1 ms after that. It is also said from its own instant, unless the last event before
   * `unknown` said the same.
   */
  #say(machine: string, state: Stated, at: number, events: MappedEvent[]): void {
    const said = JSON.stringify(state);
    if (said === this.#said) return;
    const isUnknown = state.state === UNKNOWN;
    const since = isUnknown ? null : this.#unknownAt;
    if (since === null || at > since || said !== this.#before) events.push(eventOf("state", machine, at, state));
    if (since !== null && at <= since) events.push(eventOf("state", machine, since + 1, state));
    else this.#unknownAt = null;
    // After `unknown` the next state is an event, even if it is the one from before.
    this.#before = isUnknown ? this.#said : null;
    if (isUnknown) this.#unknownAt = at;
    this.#said = said;
  }

  /** The instant from which a state holds (epoch ms): the newest one of the signals that decide it together. */
  #decidedAt({ state }: Mapping, at: number): number {
    if (state === null || state.kind === "signal") return at;
    const signals =
      state.kind === "packml" ? [...state.signals, ...state.inner.values()] : state.conditions.map(({ when }) => when);
    return signals.reduce(
      (youngest, signal) => Math.max(youngest, signal === null ? 0 : (this.#values.get(signal)?.at ?? 0)),
      at,
    );
  }

  /** `heardAt`: when the peer was heard last, as far as is known (epoch ms). It said more where a value is newer: before a restart, or by a clock that is ahead. */
  forget(machine: string, heardAt: number): readonly MappedEvent[] {
    let since = heardAt;
    for (const { at } of this.#values.values()) since = behind(since, at, heardAt);
    if (this.#values.size > 0) this.#forgotten = [...this.#values];
    this.#values.clear();
    const said = JSON.stringify({ state: UNKNOWN });
    if (this.#said === said || this.#said === null) return [];
    this.#before = this.#said;
    this.#unknownAt = since;
    this.#said = said;
    return [eventOf("state", machine, since, { state: UNKNOWN })];
  }

  /** Makes the values of some signals bad from `since` (epoch ms) on, or from behind the newest of them where that has a later instant. */
  lose(mapping: Mapping, signals: ReadonlySet<string>, since: number, events: MappedEvent[]): void {
    const heard = [...signals].filter((signal) => this.#values.has(signal));
    const at = heard.reduce((latest, signal) => behind(latest, this.#values.get(signal)?.at ?? 0, since), since);
    for (const signal of heard) this.#values.set(signal, { value: null, at });
    const state = this.#stateNow(mapping, new Set(heard));
    if (state !== null) this.#say(mapping.machine, state, this.#decidedAt(mapping, at), events);
  }

  /** Takes back the values from before the peer was lost, but for signals of which newer ones came. */
  recall(mapping: Mapping, events: MappedEvent[]): void {
    let youngest = 0;
    for (const [signal, held] of this.#forgotten) {
      if (this.#values.has(signal)) continue;
      this.#values.set(signal, held);
      youngest = Math.max(youngest, held.at);
    }
    this.#forgotten = [];
    const state = this.#stateNow(mapping, new Set(this.#values.keys()));
    if (state !== null) this.#say(mapping.machine, state, this.#decidedAt(mapping, youngest), events);
  }

  /** The state by the present values; `null`: none of the changed signals decides it, or one that does has not come yet. */
  #stateNow({ state }: Mapping, changed: ReadonlySet<string>): Stated | null {
    if (state === null) return null;
    if (state.kind === "signal") {
      if (!changed.has(state.signal) && !(state.reason !== null && changed.has(state.reason.signal))) return null;
      if (!this.#values.has(state.signal)) return null;
      const value = this.#values.get(state.signal)?.value ?? null;
      return value === null ? { state: UNKNOWN } : stated(textOf(value), this.#reasonOf(state.reason));
    }
    if (state.kind === "packml") return this.#packmlState(state, changed);
    const signals = state.conditions.flatMap(({ when, reason }) => [
      ...(when === null ? [] : [when]),
      ...(typeof reason === "object" && reason !== null ? [reason.signal] : []),
    ]);
    if (!signals.some((signal) => changed.has(signal))) return null;
    for (const { when, is, state: name, reason } of state.conditions) {
      if (when !== null) {
        // The condition might hold: without its value none of those after it may decide.
        if (!this.#values.has(when)) return null;
        const value = this.#values.get(when)?.value ?? null;
        if (value === null) return { state: UNKNOWN };
        if (!holds(value, is)) continue;
      }
      return stated(name, typeof reason === "string" ? reason : this.#reasonOf(reason));
    }
    return { state: UNKNOWN };
  }

  /**
   * The state of nested PackML state machines, read from the outermost one inwards. A state that only says that an inner state machine
   * is at work is passed over. Where the state is held or suspended, that of the inner one which says why counts, if there is one.
   */
  #packmlState(
    { signals, inner, reason }: Extract<StateMapping, { kind: "packml" }>,
    changed: ReadonlySet<string>,
  ): Stated | null {
    const decides = [...signals, ...inner.values(), ...(reason === null ? [] : [reason.signal])];
    if (!decides.some((signal) => changed.has(signal))) return null;
    for (const signal of signals) {
      if (!this.#values.has(signal)) return null;
      const value = this.#values.get(signal)?.value ?? null;
      if (value === null || value === "") return { state: UNKNOWN };
      const name = textOf(value).toLowerCase();
      if (PACKML_SUPER_STATES.has(name)) continue;
      const place = PACKML_INNER.get(name);
      const signalWithin = place === undefined ? undefined : inner.get(place);
      // Without a value, or with a bad one, the machine inside is not at work.
      const within = signalWithin === undefined ? null : (this.#values.get(signalWithin)?.value ?? null);
      return stated(textOf(within === null || within === "" ? value : within), this.#reasonOf(reason));
    }
    return { state: UNKNOWN };
  }

  #reasonOf(reason: ReasonMapping | null): string | null {
    if (reason === null) return null;
    const value = this.#values.get(reason.signal)?.value ?? null;
    return value === null ? null : (reason.codes.get(textOf(value)) ?? null);
  }

  /** What distinguishes a quantity from those before it that have the same instant by our clock; those with an instant of the peer's are the same when they are alike. */
  #arrivalOf({ at, stamped }: Observation): string {
    if (stamped !== "arrival") return "";
    const count = at === this.#arrivals.at ? this.#arrivals.count + 1 : 0;
    this.#arrivals = { at, count };
    return count === 0 ? "" : ` ${count}`;
  }

  /** A piece for each signal that was off and is on; `null`: there is none. After a time in which nothing was known none is counted. */
  #pulsesIn({ pulses }: Mapping, all: Group["all"]): Numbers | null {
    let numbers: Record<string, number> | null = null;
    for (const [quantity, signal] of pulses) {
      const found = all.find((one) => one.signal === signal);
      const before = this.#values.get(signal)?.value ?? null;
      if (found === undefined || found.quality === "bad" || found.value === null || before === null) continue;
      if (!holds(before, null) && holds(found.value, null)) (numbers ??= {})[quantity] = 1;
    }
    return numbers;
  }

  /** `produced` means something beside `good` alone (CN-7): with both of them the newest of each. */
  #totalsOf(mapping: Mapping, changed: ReadonlySet<string>, unusable: Unusable[]): Numbers | null {
    const { totals } = mapping;
    const [good, produced] = [totals.get("good"), totals.get("produced")];
    const news = this.#notBelowZero(mapping, changed, unusable);
    if (good === undefined || produced === undefined) return news;
    if (news === null || (news["good"] === undefined && news["produced"] === undefined)) return news;
    const known = this.#notBelowZero(mapping, new Set([good, produced]), []) ?? {};
    if (known["good"] === undefined || known["produced"] === undefined) return null;
    return { ...news, ...known };
  }

  /** The running totals whose signals changed. One below 0 is refused by itself: in an event it would take the others with it. */
  #notBelowZero({ machine, totals }: Mapping, changed: ReadonlySet<string>, unusable: Unusable[]): Numbers | null {
    const numbers = this.#numbersOf(machine, totals, changed, unusable);
    const below = Object.entries(numbers ?? {}).filter(([, number]) => number < 0);
    if (numbers === null || below.length === 0) return numbers;
    for (const [quantity, number] of below) {
      const signal = totals.get(quantity as Quantity) ?? quantity;
      const why = `expected a running total of 0 or more, found ${number}: read a counter without a sign (of Modbus as: uint16 or uint32); what goes up and down by quantities is one of deltas`;
      unusable.push({ what: `${machine} ${signal}`, why });
    }
    const rest = Object.entries(numbers).filter(([, number]) => number >= 0);
    return rest.length === 0 ? null : Object.fromEntries(rest);
  }

  /** The quantities whose signals changed, as numbers. */
  #numbersOf(
    machine: string,
    signals: ReadonlyMap<Quantity, string>,
    changed: ReadonlySet<string>,
    unusable: Unusable[],
  ): Numbers | null {
    let numbers: Record<string, number> | null = null;
    for (const [quantity, signal] of signals) {
      const value = this.#values.get(signal)?.value ?? null;
      if (!changed.has(signal) || value === null) continue;
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof number === "number" && Number.isFinite(number)) (numbers ??= {})[quantity] = number;
      else unusable.push({ what: `${machine} ${signal}`, why: `expected a number, found ${JSON.stringify(value)}` });
    }
    return numbers;
  }

  #jobOf(mapping: Mapping, changed: ReadonlySet<string>, unusable: Unusable[]): Job | null {
    const { product, order, idealCycleSeconds, piecesPerCount } = mapping;
    if (product === null) return null;
    if (![product, order, idealCycleSeconds, piecesPerCount].some((signal) => signal !== null && changed.has(signal)))
      return null;
    const name = this.#values.get(product)?.value ?? null;
    if (name === null || name === "") return null;
    const number = order === null ? null : (this.#values.get(order)?.value ?? null);
    const cycle = this.#aboveZero(mapping.machine, idealCycleSeconds, unusable);
    const pieces = this.#aboveZero(mapping.machine, piecesPerCount, unusable);
    const job: Job = {
      product: textOf(name),
      ...(number === null || number === "" ? {} : { order: textOf(number) }),
      ...(cycle === null ? {} : { idealCycleSeconds: cycle }),
      ...(pieces === null ? {} : { piecesPerCount: pieces }),
    };
    const said = JSON.stringify(job);
    if (said === this.#job) return null;
    this.#job = said;
    return job;
  }

  /** `null`: it is not known, or cannot be used. */
  #aboveZero(machine: string, signal: string | null, unusable: Unusable[]): number | null {
    const value = signal === null ? null : (this.#values.get(signal)?.value ?? null);
    if (value === null || value === "") return null;
    const number = typeof value === "string" ? Number(value) : value;
    if (typeof number === "number" && number > 0 && Number.isFinite(number)) return number;
    unusable.push({
      what: `${machine} ${signal ?? ""}`,
      why: `expected a number above 0, found ${JSON.stringify(value)}`,
    });
    return null;
  }
}

interface Job {
  readonly product: string;
  readonly order?: string;
  readonly idealCycleSeconds?: number;
  readonly piecesPerCount?: number;
}

type Numbers = Readonly<Record<string, number>>;

interface Group {
  readonly all: [Observation, ...Observation[]];
  readonly signals: Set<string>;
}

/**
 * Observations of one machine and one instant that follow one another say one thing together: a new order with its product, a code
 * with its state. Two of the same signal are two things. `used`: the signals of each machine that events are made of.
 */
function* together(
  observations: readonly Observation[],
  used: ReadonlyMap<string, ReadonlySet<string>>,
): Iterable<Group> {
  let group: Group | null = null;
  for (const observation of observations) {
    const { machine, signal } = observation;
    if (used.get(machine)?.has(signal) !== true) continue;
    if (group !== null && isAlike(group.all[0], observation) && !group.signals.has(signal)) {
      group.all.push(observation);
      group.signals.add(signal);
      continue;
    }
    if (group !== null) yield group;
    group = { all: [observation], signals: new Set([signal]) };
  }
  if (group !== null) yield group;
}

function isAlike(a: Observation, b: Observation): boolean {
  return a.machine === b.machine && a.at === b.at && a.age === b.age && a.key === b.key;
}

/** `since`, or 1 ms after the instant of a value that is newer, unless gateways refuse it for being ahead of when the peer was heard (all epoch ms). */
function behind(since: number, valueAt: number, heardAt: number): number {
  return valueAt >= since && valueAt - heardAt <= MAX_FUTURE_MS_DEFAULT ? valueAt + 1 : since;
}

function holds(value: Exclude<Value, null>, is: readonly string[] | null): boolean {
  if (is !== null) return is.includes(alikeOf(textOf(value)));
  return typeof value === "string" ? !["", "0", "false"].includes(value.toLowerCase()) : Boolean(value);
}

export interface Stated {
  readonly state: string;
  readonly reason?: string;
}

function stated(state: string, reason: string | null): Stated {
  return reason === null ? { state } : { state, reason };
}

function textOf(value: Exclude<Value, null>): string {
  return String(value);
}

/** `at`: epoch ms. `fields`: what the event has behind its machine and instant. */
function eventOf(
  type: "state" | "count" | "job",
  machine: string,
  at: number,
  fields: Stated | Job | Numbers | { readonly total: Numbers },
  key = "",
): MappedEvent {
  const start = `{"type":"${type}","machine":${JSON.stringify(machine)},"at":"${formatInstant(at)}"`;
  const written = `${start},${JSON.stringify(fields).slice(1)}`;
  const id = hash("sha256", written + key, "hex").slice(0, ID_DIGITS);
  return { machine, json: `${written.slice(0, -1)},"id":"${id}"}`, id, at };
}

/** What to say of a machine in place of a state event (JSON, of `map`) whose state nobody knows: that it is `unknown` from then on. */
export function unknownInstead(json: string): MappedEvent {
  const { machine, at } = JSON.parse(json) as { readonly machine: string; readonly at: string };
  return eventOf("state", machine, Date.parse(at), { state: UNKNOWN });
}
