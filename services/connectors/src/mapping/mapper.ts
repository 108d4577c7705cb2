/**
 * Makes events of observations, machine by machine. A repeated value is no new state; a bad one, or a peer that is gone, is
 * `unknown` and never idle or 0; an undated one counts nothing. An event has an id that follows from what it says, so that
 * the same observation sent again is a repeat to the engine (CN-4).
 */
import { createHash } from "node:crypto";
import { formatInstant } from "@oee/model";
import type { Observation } from "../port.ts";
import type { Mapping, Quantity, ReasonMapping } from "./mapping.ts";

/** An event of the contract, as JSON will have it. */
export interface MappedEvent {
  readonly machine: string;
  readonly json: string;
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
  /** Call it once the events are safe: what comes next is then compared with them, else with what was before. */
  commit(): void;
}

const ID_DIGITS = 24;
const UNKNOWN = "unknown";

export class Mapper {
  readonly #mappings: ReadonlyMap<string, Mapping>;
  readonly #machines = new Map<string, MachineState>();

  constructor(mappings: readonly Mapping[]) {
    this.#mappings = new Map(mappings.map((mapping) => [mapping.machine, mapping]));
  }

  /** The events of observations in their order. */
  map(observations: readonly Observation[]): Mapped {
    const events: MappedEvent[] = [];
    const unusable: Unusable[] = [];
    const changed = new Map<string, MachineState>();
    for (const observation of observations) {
      const { machine } = observation;
      const mapping = this.#mappings.get(machine);
      if (mapping === undefined) continue;
      let state = changed.get(machine);
      if (state === undefined) changed.set(machine, (state = MachineState.like(this.#machines.get(machine))));
      state.take(mapping, observation, events, unusable);
    }
    return { events, unusable, commit: () => this.#commit(changed) };
  }

  /** The peer is gone: all of its machines are unknown, and what they say next is news. */
  gone(since: number): Mapped {
    const events: MappedEvent[] = [];
    const changed = new Map<string, MachineState>();
    for (const { machine, state: mapped } of this.#mappings.values()) {
      if (mapped === null) continue;
      const state = MachineState.like(this.#machines.get(machine));
      changed.set(machine, state);
      events.push(...state.forget(machine, since));
    }
    return { events, unusable: [], commit: () => this.#commit(changed) };
  }

  #commit(changed: ReadonlyMap<string, MachineState>): void {
    for (const [machine, state] of changed) this.#machines.set(machine, state);
  }
}

/** The newest values of one machine's signals, and what was last said of it. */
class MachineState {
  /** `null`: bad. */
  readonly #values = new Map<string, Value>();
  #said: string | null = null;
  #job: string | null = null;

  static like(other: MachineState | undefined): MachineState {
    const state = new MachineState();
    if (other === undefined) return state;
    for (const [signal, value] of other.#values) state.#values.set(signal, value);
    state.#said = other.#said;
    state.#job = other.#job;
    return state;
  }

  take(mapping: Mapping, observation: Observation, events: MappedEvent[], unusable: Unusable[]): void {
    const { machine, signal, at } = observation;
    const value = observation.quality === "good" ? observation.value : null;
    this.#values.set(signal, value);
    const job = this.#jobOf(mapping, signal);
    if (job !== null) events.push(eventOf({ type: "job", machine, at, ...job }));
    if (value !== null && !observation.undated) {
      const counted = this.#countOf(mapping, observation, unusable);
      if (counted !== null) events.push(eventOf({ type: "count", machine, at, ...counted }));
    }
    const state = this.#stateNow(mapping, signal);
    if (state === null) return;
    const said = JSON.stringify(state);
    if (said === this.#said) return;
    this.#said = said;
    events.push(eventOf({ type: "state", machine, at, ...state }));
  }

  forget(machine: string, since: number): readonly MappedEvent[] {
    this.#values.clear();
    const said = JSON.stringify({ state: UNKNOWN });
    if (this.#said === said || this.#said === null) return [];
    this.#said = said;
    return [eventOf({ type: "state", machine, at: since, state: UNKNOWN })];
  }

  /** The state after a signal changed; `null`: it has no bearing on it. */
  #stateNow({ state }: Mapping, changed: string): { readonly state: string; readonly reason?: string } | null {
    if (state === null) return null;
    if (state.kind === "signal") {
      if (changed !== state.signal && changed !== state.reason?.signal) return null;
      if (!this.#values.has(state.signal)) return null;
      const value = this.#values.get(state.signal) ?? null;
      return value === null ? { state: UNKNOWN } : stated(textOf(value), this.#reasonOf(state.reason));
    }
    const signals = state.conditions.flatMap(({ when, reason }) => [
      ...(when === null ? [] : [when]),
      ...(typeof reason === "object" && reason !== null ? [reason.signal] : []),
    ]);
    if (!signals.includes(changed)) return null;
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

  #reasonOf(reason: ReasonMapping | null): string | null {
    if (reason === null) return null;
    const value = this.#values.get(reason.signal) ?? null;
    return value === null ? null : (reason.codes.get(textOf(value)) ?? null);
  }

  #countOf({ totals, deltas }: Mapping, observation: Observation, unusable: Unusable[]): object | null {
    const total = quantitiesOf(totals, observation, unusable);
    const delta = quantitiesOf(deltas, observation, unusable);
    return total === null && delta === null ? null : { ...(total === null ? {} : { total }), ...delta };
  }

  #jobOf({ product, order }: Mapping, changed: string): { product: string; order?: string } | null {
    if (product === null || (changed !== product && changed !== order)) return null;
    const name = this.#values.get(product) ?? null;
    if (name === null || name === "") return null;
    const number = order === null ? null : (this.#values.get(order) ?? null);
    const job = { product: textOf(name), ...(number === null || number === "" ? {} : { order: textOf(number) }) };
    const said = JSON.stringify(job);
    if (said === this.#job) return null;
    this.#job = said;
    return job;
  }
}

function quantitiesOf(
  signals: ReadonlyMap<Quantity, string>,
  { signal, value, machine }: Observation,
  unusable: Unusable[],
): Record<string, number> | null {
  let quantities: Record<string, number> | null = null;
  for (const [quantity, name] of signals) {
    if (name !== signal) continue;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number)) (quantities ??= {})[quantity] = number;
    else unusable.push({ what: `${machine} ${signal}`, why: `expected a number, found ${JSON.stringify(value)}` });
  }
  return quantities;
}

function holds(value: Exclude<Value, null>, is: readonly string[] | null): boolean {
  if (is !== null) return is.includes(textOf(value));
  return typeof value === "string" ? !["", "0", "false"].includes(value.toLowerCase()) : Boolean(value);
}

function stated(state: string, reason: string | null): { readonly state: string; readonly reason?: string } {
  return reason === null ? { state } : { state, reason };
}

function textOf(value: Exclude<Value, null>): string {
  return String(value);
}

function eventOf(event: {
  readonly type: string;
  readonly machine: string;
  readonly at: number;
  readonly [field: string]: unknown;
}): MappedEvent {
  const written = { ...event, at: formatInstant(event.at) };
  const id = createHash("sha256").update(JSON.stringify(written)).digest("hex").slice(0, ID_DIGITS);
  return { machine: event.machine, json: JSON.stringify({ ...written, id }) };
}
