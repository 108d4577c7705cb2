/**
 * Events of one machine as bytes: 9 to 34 each, in log order. What bears on no KPI and no stop (a correction's note, a
 * job's order, an id that was checked already) is left out; texts are numbers of a table that all machines share.
 */
import {
  type CorrectionEvent,
  type CountEvent,
  type JobEvent,
  type Machine,
  type PlantEvent,
  STATE_NAMES,
  type StateEvent,
  type StateName,
  type TotalEvent,
} from "@oee/model";

/** No event takes more. */
export const EVENT_BYTES_MAX = 34;

/** The first byte: what it is in the lower three bits, of which 0 is nothing at all, and flags. */
const STATE = 1;
const COUNT = 2;
const TOTAL = 3;
const JOB = 4;
const CORRECTION = 5;
const KIND = 7;
const STARTUP = 8;
const GOOD = 16;
const SCRAP = 32;
const REWORK = 64;
/** Of a count: instant and quantities are doubles, for they do not fit the 32 bits they usually take. */
const WIDE = 128;
/** Of a correction. */
const CLEAR = 8;

/** Texts by number, each held once; `null` is −1. */
class Texts {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string | null): number {
    if (text === null) return -1;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }

  textOf(number: number): string | null {
    return this.#texts[number] ?? null;
  }
}

const STATE_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(STATE_NAMES.map((name, i) => [name, i]));

export class EventCodec {
  readonly #texts: Texts = new Texts();
  /** Where the next `decode` begins. */
  position = 0;

  /** Writes an event at `start`, its instant after `base` (ms), and returns where it ends. */
  encode(event: PlantEvent, view: DataView, start: number, base: number): number {
    switch (event.type) {
      case "count":
      case "total":
        return encodeCount(event, view, start, base);
      case "state":
        view.setUint8(start, STATE);
        view.setFloat64(start + 1, event.at);
        view.setUint8(start + 9, STATE_NUMBERS[event.state] ?? 0);
        view.setInt32(start + 10, this.#texts.numberOf(event.reason));
        return start + 14;
      case "job":
        view.setUint8(start, JOB);
        view.setFloat64(start + 1, event.at);
        view.setFloat64(start + 9, event.idealCycleUs ?? Number.NaN);
        view.setInt32(start + 17, this.#texts.numberOf(event.product));
        return start + 21;
      case "correction":
        view.setUint8(start, CORRECTION | (event.clear ? CLEAR : 0));
        view.setFloat64(start + 1, event.at);
        view.setFloat64(start + 9, event.from);
        view.setFloat64(start + 17, event.to);
        view.setInt8(start + 25, event.state === null ? -1 : (STATE_NUMBERS[event.state] ?? 0));
        view.setInt32(start + 26, this.#texts.numberOf(event.reason));
        view.setInt32(start + 30, this.#texts.numberOf(event.by));
        return start + 34;
    }
  }

  /** The event at `start`, `null` if there is none; moves `position` to where it ends. */
  decode(machine: Machine, view: DataView, start: number, base: number): PlantEvent | null {
    const code = view.getUint8(start);
    switch (code & KIND) {
      case COUNT:
      case TOTAL:
        return this.#decodeCount(machine, code, view, start, base);
      case STATE:
        this.position = start + 14;
        return {
          type: "state",
          machine,
          at: view.getFloat64(start + 1),
          id: null,
          state: stateNumbered(view.getUint8(start + 9)),
          reason: this.#texts.textOf(view.getInt32(start + 10)),
        } satisfies StateEvent;
      case JOB: {
        const idealCycleUs = view.getFloat64(start + 9);
        this.position = start + 21;
        return {
          type: "job",
          machine,
          at: view.getFloat64(start + 1),
          id: null,
          product: this.#texts.textOf(view.getInt32(start + 17)) ?? "",
          order: null,
          idealCycleUs: Number.isNaN(idealCycleUs) ? null : idealCycleUs,
        } satisfies JobEvent;
      }
      case CORRECTION: {
        const state = view.getInt8(start + 25);
        this.position = start + 34;
        return {
          type: "correction",
          machine,
          at: view.getFloat64(start + 1),
          id: null,
          from: view.getFloat64(start + 9),
          to: view.getFloat64(start + 17),
          state: state < 0 ? null : stateNumbered(state),
          reason: this.#texts.textOf(view.getInt32(start + 26)),
          clear: (code & CLEAR) !== 0,
          by: this.#texts.textOf(view.getInt32(start + 30)),
          note: null,
        } satisfies CorrectionEvent;
      }
      default:
        return null;
    }
  }

  #decodeCount(machine: Machine, code: number, view: DataView, start: number, base: number): CountEvent | TotalEvent {
    const wide = (code & WIDE) !== 0;
    let p = start + 1;
    const next = (): number => {
      const value = wide ? view.getFloat64(p) : view.getInt32(p);
      p += wide ? 8 : 4;
      return value;
    };
    const at = wide ? next() : base + next();
    const good = (code & GOOD) !== 0 ? next() : null;
    const scrap = (code & SCRAP) !== 0 ? next() : null;
    const rework = (code & REWORK) !== 0 ? next() : null;
    this.position = p;
    const type = (code & KIND) === TOTAL ? "total" : "count";
    return { type, machine, at, id: null, good, scrap, rework, startup: (code & STARTUP) !== 0 };
  }
}

function encodeCount(event: CountEvent | TotalEvent, view: DataView, start: number, base: number): number {
  const { at, good, scrap, rework } = event;
  const offset = at - base;
  const wide = !fits(offset) || !fits(good ?? 0) || !fits(scrap ?? 0) || !fits(rework ?? 0);
  let code = (event.type === "total" ? TOTAL : COUNT) | (event.startup ? STARTUP : 0) | (wide ? WIDE : 0);
  let p = wide ? writeWide(view, start + 1, at) : writeNarrow(view, start + 1, offset);
  if (good !== null) {
    code |= GOOD;
    p = wide ? writeWide(view, p, good) : writeNarrow(view, p, good);
  }
  if (scrap !== null) {
    code |= SCRAP;
    p = wide ? writeWide(view, p, scrap) : writeNarrow(view, p, scrap);
  }
  if (rework !== null) {
    code |= REWORK;
    p = wide ? writeWide(view, p, rework) : writeNarrow(view, p, rework);
  }
  view.setUint8(start, code);
  return p;
}

function fits(value: number): boolean {
  return value === (value | 0);
}

function writeWide(view: DataView, position: number, value: number): number {
  view.setFloat64(position, value);
  return position + 8;
}

function writeNarrow(view: DataView, position: number, value: number): number {
  view.setInt32(position, value);
  return position + 4;
}

function stateNumbered(number: number): StateName {
  return STATE_NAMES[number] ?? "unknown";
}
