/**
 * Events of one machine out of its SHDR lines: which item means what comes from the configuration. Stamps stay as the
 * adapter wrote them and lines in the order they came, though adapters go back in time: the engine orders by `at`. A value
 * that an event cannot hold is passed on, so that the decoder refuses it with its reason and nothing is lost in silence.
 * The plant's machine has `states: mtconnect`. A reader holds the newest value of four items and nothing else.
 */
import { type Observations, ShdrLines } from "./shdr-line.ts";

export interface ShdrConfiguration {
  /** The machine's id in the plant file. */
  readonly machine: string;
  /** Where the adapter speaks for several devices and writes `device:item`: whose items these are. */
  readonly device?: string;
  /** Item of type EXECUTION. */
  readonly execution: string;
  /** Item of type AVAILABILITY: while it is UNAVAILABLE, so is the machine. */
  readonly availability?: string;
  /** Item of type EMERGENCY_STOP: while it is TRIGGERED, the machine is in this state. */
  readonly emergencyStop?: { readonly item: string; readonly state: string; readonly reason?: string };
  /** Item of type FUNCTIONAL_MODE, and the states that go before execution in some modes (`SETUP`: `setup`). */
  readonly functionalMode?: { readonly item: string; readonly states: Readonly<Record<string, string>> };
  /** Items of type PART_COUNT: running totals. */
  readonly totals?: { readonly good?: string; readonly scrap?: string; readonly rework?: string };
  /** Item of type PROGRAM: what it names is the product. */
  readonly program?: string;
}

/** An event of the contract, not yet checked: `at` and totals are what the adapter wrote. */
export type ShdrEvent =
  | {
      readonly type: "state";
      readonly machine: string;
      readonly at: string | number;
      readonly state: string;
      readonly reason?: string;
    }
  | {
      readonly type: "count";
      readonly machine: string;
      readonly at: string | number;
      readonly total: Readonly<Record<string, number | string>>;
    }
  | { readonly type: "job"; readonly machine: string; readonly at: string | number; readonly product: string };

const UNAVAILABLE = "UNAVAILABLE";

export class ShdrReader {
  readonly #configuration: ShdrConfiguration;
  readonly #lines = new ShdrLines();
  #execution: string | null = null;
  #availability: string | null = null;
  #emergencyStop: string | null = null;
  #functionalMode: string | null = null;
  #state: string | null = null;

  constructor(configuration: ShdrConfiguration) {
    this.#configuration = configuration;
  }

  /** The events of one line, without its newline. `receivedMs` stands in for the stamp where there is none. */
  read(line: string, receivedMs: number): ShdrEvent[] {
    const observations = this.#lines.read(line);
    return observations === null ? [] : this.#eventsOf(observations, receivedMs);
  }

  #eventsOf({ stamp, values }: Observations, receivedMs: number): ShdrEvent[] {
    const { machine, program, totals } = this.#configuration;
    const at = stamp === "" ? receivedMs : stamp;
    const events: ShdrEvent[] = [];
    const total: Record<string, number | string> = {};
    let executes = false;
    for (const [key, value] of values) {
      const item = this.#ownItem(key);
      if (item === null || value === "") continue;
      executes = this.#note(item, value) || executes;
      if (value === UNAVAILABLE) continue;
      if (item === program) events.push({ type: "job", machine, at, product: value });
      if (item === totals?.good) total["good"] = countIn(value);
      if (item === totals?.scrap) total["scrap"] = countIn(value);
      if (item === totals?.rework) total["rework"] = countIn(value);
    }
    if (Object.keys(total).length > 0) events.push({ type: "count", machine, at, total });
    const state = this.#stateNow();
    // The other items speak of the state only where they change it: at their stamp the newest execution may be yet to come.
    if (state !== null && (executes || state.state !== this.#state)) {
      this.#state = state.state;
      events.push({ type: "state", machine, at, ...state });
    }
    return events;
  }

  /** Keeps the values that make the state. Whether it was the execution's. */
  #note(item: string, value: string): boolean {
    const { execution, availability, emergencyStop, functionalMode } = this.#configuration;
    if (item === availability) this.#availability = value;
    if (item === emergencyStop?.item) this.#emergencyStop = value;
    if (item === functionalMode?.item) this.#functionalMode = value;
    if (item !== execution) return false;
    this.#execution = value;
    return true;
  }

  #stateNow(): { readonly state: string; readonly reason?: string } | null {
    const { emergencyStop, functionalMode } = this.#configuration;
    if (this.#availability === UNAVAILABLE) return { state: UNAVAILABLE };
    if (emergencyStop !== undefined && this.#emergencyStop === "TRIGGERED") {
      const { state, reason } = emergencyStop;
      return reason === undefined ? { state } : { state, reason };
    }
    const state = functionalMode?.states[this.#functionalMode ?? ""] ?? this.#execution;
    return state === null ? null : { state };
  }

  /** The item's name without its device's, or `null` when it is another device's. */
  #ownItem(key: string): string | null {
    const colon = key.indexOf(":");
    if (colon < 0) return key;
    return key.slice(0, colon) === this.#configuration.device ? key.slice(colon + 1) : null;
  }
}

/** The number in a part count, which may name what reset it (`0:SHIFT`); the text itself when there is none. */
function countIn(value: string): number | string {
  const count = /^([0-9]+(?:\.[0-9]+)?)(?::[A-Z_]+)?$/.exec(value)?.[1];
  return count === undefined ? value : Number(count);
}
