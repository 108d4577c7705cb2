/**
 * Makes events of observations, machine by machine. A repeated value is no new state; a bad one, or a peer that is gone, is
 * `unknown` and never idle or 0; an undated one counts nothing; one of the past changes nothing of the present. An event has an id that follows from what it says, so that
 * the same observation sent again is a repeat to the engine (CN-4).
 */
import { hash } from "node:crypto";
import { formatInstant } from "@oee/model";
import type { Observation } from "../port.ts";
import { type Mapping, type Quantity, type ReasonMapping, signalsOf, type StateMapping } from "./mapping.ts";

/** An event of the contract, as JSON will have it. */
export interface MappedEvent {
  readonly machine: string;
  readonly json: string;
  /** That its JSON has. */
  readonly id?: string;
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
  /** What to keep with the events, by machine: `restore` takes it after a restart, so that what was said is not said again. */
  readonly kept: ReadonlyMap<string, string>;
  /** Call it once the events are safe: what comes next is then compared with them, else with what was before. */
  commit(): void;
}

const ID_DIGITS = 24;
const UNKNOWN = "unknown";
/** States inside of which another machine may say why, by name and number. */
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
  /** By machine: others are shown, and no events are made of them. */
  readonly #signals: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #machines = new Map<string, MachineState>();
  /** What happened before is a history of its own: it makes events, and changes nothing of the present. */
  readonly #pasts = new Map<string, MachineState>();

  constructor(mappings: readonly Mapping[]) {
    this.#mappings = new Map(mappings.map((mapping) => [mapping.machine, mapping]));
    this.#signals = new Map(mappings.map((mapping) => [mapping.machine, signalsOf(mapping)]));
  }

  /** What was kept of a machine before a restart. */
  restore(machine: string, kept: string): void {
    this.#machines.set(machine, MachineState.restored(kept));
  }

  /** The events of observations in their order. */
  map(observations: readonly Observation[]): Mapped {
    const events: MappedEvent[] = [];
    const unusable: Unusable[] = [];
    const changed = new Map<string, MachineState>();
    const pasts = new Map<string, MachineState>();
    for (const group of together(observations, this.#signals)) {
      const { machine, age } = group.all[0];
      const mapping = this.#mappings.get(machine);
      if (mapping === undefined) continue;
      const [states, changes] = age === "past" ? [this.#pasts, pasts] : [this.#machines, changed];
      let state = changes.get(machine);
      if (state === undefined) changes.set(machine, (state = MachineState.like(states.get(machine))));
      state.take(mapping, group, events, unusable);
    }
    return this.#mapped(events, unusable, changed, pasts);
  }

  /** No sign of life of some machines (`null`: of all): they are unknown, and what they say next is news. */
  gone(machines: ReadonlySet<string> | null, since: number): Mapped {
    const events: MappedEvent[] = [];
    const changed = new Map<string, MachineState>();
    for (const { machine, state: mapped } of this.#mappings.values()) {
      if (mapped === null || machines?.has(machine) === false) continue;
      const state = MachineState.like(this.#machines.get(machine));
      changed.set(machine, state);
      events.push(...state.forget(machine, since));
    }
    return this.#mapped(events, [], changed, new Map());
  }

  /** After `gone`, of a peer that kept all that happened meanwhile: what was so before holds on. */
  back(): Mapped {
    const events: MappedEvent[] = [];
    const changed = new Map<string, MachineState>();
    for (const mapping of this.#mappings.values()) {
      const state = MachineState.like(this.#machines.get(mapping.machine));
      changed.set(mapping.machine, state);
      state.recall(mapping, events);
    }
    return this.#mapped(events, [], changed, new Map());
  }

  #mapped(
    events: readonly MappedEvent[],
    unusable: readonly Unusable[],
    changed: ReadonlyMap<string, MachineState>,
    pasts: ReadonlyMap<string, MachineState>,
  ): Mapped {
    const kept = new Map<string, string>();
    for (const [machine, state] of changed) {
      kept.set(machine, state.kept());
    }
    const commit = (): void => {
      for (const [machine, state] of changed) this.#machines.set(machine, state);
      for (const [machine, state] of pasts) this.#pasts.set(machine, state);
    };
    return { events, unusable, kept, commit };
  }
}

/** What is kept of a machine over restarts. */
interface Kept {
  readonly said: string | null;
  readonly before: string | null;
  readonly unknownAt: number | null;
  readonly job: string | null;
  /** Value and instant by signal: what comes next may be one of several that decide together. */
  readonly values: Readonly<Record<string, readonly [Value, number]>>;
}

/** The newest values of one machine's signals, and what was last said of it. */
class MachineState {
  /** `null`: bad. */
  readonly #values = new Map<string, Value>();
  /** Epoch ms of each value. */
  readonly #instants = new Map<string, number>();
  /** Values and their instants before the peer was gone. */
  #forgotten: readonly (readonly [string, Value, number])[] = [];
  #said: string | null = null;
  /** What was said before it became unknown. */
  #before: string | null = null;
  /** Since when it is unknown, or was before the value that came then (epoch ms). */
  #unknownAt: number | null = null;
  #job: string | null = null;

  static like(other: MachineState | undefined): MachineState {
    const state = new MachineState();
    if (other === undefined) return state;
    for (const [signal, value] of other.#values) state.#values.set(signal, value);
    for (const [signal, at] of other.#instants) state.#instants.set(signal, at);
    state.#forgotten = other.#forgotten;
    state.#said = other.#said;
    state.#before = other.#before;
    state.#unknownAt = other.#unknownAt;
    state.#job = other.#job;
    return state;
  }

  static restored(text: string): MachineState {
    const { said, before, unknownAt, job, values } = JSON.parse(text) as Kept;
    const state = new MachineState();
    for (const [signal, [value, at]] of Object.entries(values)) {
      state.#values.set(signal, value);
      state.#instants.set(signal, at);
    }
    state.#said = said;
    state.#before = before;
    state.#unknownAt = unknownAt;
    state.#job = job;
    return state;
  }

  kept(): string {
    const values = Object.fromEntries(
      [...this.#values].map(([signal, value]) => [signal, [value, this.#instants.get(signal) ?? 0] as const]),
    );
    const kept: Kept = { said: this.#said, before: this.#before, unknownAt: this.#unknownAt, job: this.#job, values };
    return JSON.stringify(kept);
  }

  take(mapping: Mapping, { all, signals: changed }: Group, events: MappedEvent[], unusable: Unusable[]): void {
    const { machine, at, age, key } = all[0];
    for (const { signal, quality, value } of all) {
      this.#values.set(signal, quality === "good" ? value : null);
      this.#instants.set(signal, at);
    }
    // A row is whole: an order, or a cycle, that it leaves out is not the one of the row before.
    if (key !== undefined && mapping.product !== null && changed.has(mapping.product)) {
      for (const signal of [mapping.order, mapping.idealCycleSeconds, mapping.piecesPerCount]) {
        if (signal !== null && !changed.has(signal)) this.#values.set(signal, null);
      }
    }
    const job = this.#jobOf(mapping, changed, unusable);
    if (job !== null) events.push(eventOf({ type: "job", machine, at: formatInstant(at), ...job }));
    if (age !== "undated") {
      const total = this.#totalsOf(mapping, changed, unusable);
      if (total !== null) events.push(eventOf({ type: "count", machine, at: formatInstant(at), total }, key));
      const delta = this.#numbersOf(mapping.machine, mapping.deltas, changed, unusable);
      if (delta !== null) events.push(eventOf({ type: "count", machine, at: formatInstant(at), ...delta }, key));
    }
    const state = this.#stateNow(mapping, changed);
    if (state !== null) this.#say(machine, state, this.#decidedAt(mapping, at), events);
  }

  /**
   * A state that is older than the last time the machine was unknown lasts still, for it is the present value: it is said
   * again from right after that time. That it began before is news only where something else was said then.
   */
  #say(machine: string, state: Stated, at: number, events: MappedEvent[]): void {
    const said = JSON.stringify(state);
    if (said === this.#said) return;
    const isUnknown = state.state === UNKNOWN;
    const since = isUnknown ? null : this.#unknownAt;
    if (since === null || at > since || said !== this.#before)
      events.push(eventOf({ type: "state", machine, at: formatInstant(at), ...state }));
    if (since !== null && at <= since)
      events.push(eventOf({ type: "state", machine, at: formatInstant(since + 1), ...state }));
    else this.#unknownAt = null;
    // The next one is a change, whatever was said before it was unknown.
    this.#before = isUnknown ? this.#said : null;
    if (isUnknown) this.#unknownAt = at;
    this.#said = said;
  }

  /** Of several signals that decide together, the youngest says since when. */
  #decidedAt({ state }: Mapping, at: number): number {
    if (state === null || state.kind === "signal") return at;
    const signals =
      state.kind === "packml" ? [...state.signals, ...state.inner.values()] : state.conditions.map(({ when }) => when);
    return signals.reduce(
      (youngest, signal) => Math.max(youngest, signal === null ? 0 : (this.#instants.get(signal) ?? 0)),
      at,
    );
  }

  forget(machine: string, since: number): readonly MappedEvent[] {
    if (this.#values.size > 0) {
      this.#forgotten = [...this.#values].map(([signal, value]) => [signal, value, this.#instants.get(signal) ?? 0]);
    }
    this.#values.clear();
    this.#instants.clear();
    const said = JSON.stringify({ state: UNKNOWN });
    if (this.#said === said || this.#said === null) return [];
    this.#before = this.#said;
    this.#unknownAt = since;
    this.#said = said;
    return [eventOf({ type: "state", machine, at: formatInstant(since), state: UNKNOWN })];
  }

  /** What was known before the peer was gone is so still, where nothing newer came. */
  recall(mapping: Mapping, events: MappedEvent[]): void {
    let youngest = 0;
    for (const [signal, value, at] of this.#forgotten) {
      if (this.#values.has(signal)) continue;
      this.#values.set(signal, value);
      this.#instants.set(signal, at);
      youngest = Math.max(youngest, at);
    }
    this.#forgotten = [];
    const state = this.#stateNow(mapping, new Set(this.#values.keys()));
    if (state !== null) this.#say(mapping.machine, state, this.#decidedAt(mapping, youngest), events);
  }

  /** The state after a signal changed; `null`: it has no bearing on it. */
  #stateNow({ state }: Mapping, changed: ReadonlySet<string>): Stated | null {
    if (state === null) return null;
    if (state.kind === "signal") {
      if (!changed.has(state.signal) && !(state.reason !== null && changed.has(state.reason.signal))) return null;
      if (!this.#values.has(state.signal)) return null;
      const value = this.#values.get(state.signal) ?? null;
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
        // What is not known may be what decides: then the state is not known either.
        if (!this.#values.has(when)) return null;
        const value = this.#values.get(when) ?? null;
        if (value === null) return { state: UNKNOWN };
        if (!holds(value, is)) continue;
      }
      return stated(name, typeof reason === "string" ? reason : this.#reasonOf(reason));
    }
    return { state: UNKNOWN };
  }

  /** While a state machine is in a state that holds another machine, that one's state is the state. */
  #packmlState(
    { signals, inner, reason }: Extract<StateMapping, { kind: "packml" }>,
    changed: ReadonlySet<string>,
  ): Stated | null {
    const decides = [...signals, ...inner.values(), ...(reason === null ? [] : [reason.signal])];
    if (!decides.some((signal) => changed.has(signal))) return null;
    for (const signal of signals) {
      if (!this.#values.has(signal)) return null;
      const value = this.#values.get(signal) ?? null;
      if (value === null || value === "") return { state: UNKNOWN };
      const name = textOf(value).toLowerCase();
      if (PACKML_SUPER_STATES.has(name)) continue;
      const place = PACKML_INNER.get(name);
      const signalWithin = place === undefined ? undefined : inner.get(place);
      // A machine inside that is not at work has no state, or a bad one.
      const within = signalWithin === undefined ? null : (this.#values.get(signalWithin) ?? null);
      return stated(textOf(within === null || within === "" ? value : within), this.#reasonOf(reason));
    }
    return { state: UNKNOWN };
  }

  #reasonOf(reason: ReasonMapping | null): string | null {
    if (reason === null) return null;
    const value = this.#values.get(reason.signal) ?? null;
    return value === null ? null : (reason.codes.get(textOf(value)) ?? null);
  }

  /** `produced` means something beside `good` alone (CN-7): with both of them the newest of each. */
  #totalsOf({ machine, totals }: Mapping, changed: ReadonlySet<string>, unusable: Unusable[]): Numbers | null {
    const [good, produced] = [totals.get("good"), totals.get("produced")];
    if (good === undefined || produced === undefined) return this.#numbersOf(machine, totals, changed, unusable);
    const news = this.#numbersOf(machine, totals, changed, unusable);
    if (news === null || (news["good"] === undefined && news["produced"] === undefined)) return news;
    const known = this.#numbersOf(machine, totals, new Set([good, produced]), []) ?? {};
    if (known["good"] === undefined || known["produced"] === undefined) return null;
    return { ...news, ...known };
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
      const value = this.#values.get(signal) ?? null;
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
    const name = this.#values.get(product) ?? null;
    if (name === null || name === "") return null;
    const number = order === null ? null : (this.#values.get(order) ?? null);
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
    const value = signal === null ? null : (this.#values.get(signal) ?? null);
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

function holds(value: Exclude<Value, null>, is: readonly string[] | null): boolean {
  if (is !== null) return is.includes(textOf(value));
  return typeof value === "string" ? !["", "0", "false"].includes(value.toLowerCase()) : Boolean(value);
}

interface Stated {
  readonly state: string;
  readonly reason?: string;
}

function stated(state: string, reason: string | null): Stated {
  return reason === null ? { state } : { state, reason };
}

function textOf(value: Exclude<Value, null>): string {
  return String(value);
}

/** `at`: as the event has it, behind its machine. */
function eventOf(
  event: {
    readonly type: string;
    readonly machine: string;
    readonly at: string;
    readonly [field: string]: unknown;
  },
  key = "",
): MappedEvent {
  const written = JSON.stringify(event);
  const id = hash("sha256", written + key, "hex").slice(0, ID_DIGITS);
  return { machine: event.machine, json: `${written.slice(0, -1)},"id":"${id}"}`, id };
}
