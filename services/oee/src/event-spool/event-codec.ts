/**
 * Events of one machine as bytes: 6 to 46 each, in log order. What changes no KPI and no stop (a correction's note, a
 * job's order, an id that was checked already) is left out; texts are numbers of a table that all machines share.
 */
import type { MachineHistory } from "@oee/engine";
import {
  type CountEvent,
  type Machine,
  type PlantEvent,
  STATE_NAMES,
  type StateName,
  type TotalEvent,
} from "@oee/model";

/** No event takes more. */
export const EVENT_BYTES_MAX = 46;

/** The first byte: what it is in the lower three bits, of which 0 is nothing at all, and flags. */
const STATE = 1;
const COUNT = 2;
const TOTAL = 3;
const JOB = 4;
const CORRECTION = 5;
/** A count whose quantities take one byte each. */
const SMALL_COUNT = 6;
/** A count or total with more: a byte of `MORE_…` flags follows the first one. */
const MORE_COUNT = 7;
const KIND = 7;
const STARTUP = 8;
const GOOD = 16;
const SCRAP = 32;
const REWORK = 64;
/** Of a count or total: instant and quantities are doubles, for they do not fit the 32 bits they usually take. */
const WIDE = 128;
/** What a count of more has. */
const MORE_TOTAL = 1;
const MORE_PRODUCED = 2;
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
    // An element at −1 is looked for as a property of that name, which takes longer than the rest of an event.
    return number < 0 ? null : (this.#texts[number] ?? null);
  }
}

const STATE_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(STATE_NAMES.map((name, i) => [name, i]));

export class EventCodec {
  readonly #texts: Texts = new Texts();

  /** Writes an event at `start`, its instant after `base` (ms), and returns where it ends. */
  encode(event: PlantEvent, view: DataView, start: number, base: number): number {
    switch (event.type) {
      case "count":
      case "total":
        return event.product === null && (event.type === "count" || event.produced === null)
          ? encodeCount(event, view, start, base)
          : this.#encodeMore(event, view, start);
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
        view.setInt32(start + 21, event.piecesPerCount ?? 0);
        return start + 25;
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

  #encodeMore(event: CountEvent | TotalEvent, view: DataView, start: number): number {
    const { good, scrap, rework } = event;
    const produced = event.type === "total" ? event.produced : null;
    view.setUint8(start, MORE_COUNT | flagsOf(event));
    view.setUint8(start + 1, (event.type === "total" ? MORE_TOTAL : 0) | (produced === null ? 0 : MORE_PRODUCED));
    view.setInt32(start + 2, this.#texts.numberOf(event.product));
    let p = writeWide(view, start + 6, event.at);
    for (const quantity of [good, scrap, rework, produced]) if (quantity !== null) p = writeWide(view, p, quantity);
    return p;
  }

  #decodeMore(code: number, view: DataView, start: number, history: MachineHistory): number {
    const more = view.getUint8(start + 1);
    const product = this.#texts.textOf(view.getInt32(start + 2));
    let p = start + 14;
    const next = (isThere: boolean): number | null => {
      if (!isThere) return null;
      p += 8;
      return view.getFloat64(p - 8);
    };
    const good = next((code & GOOD) !== 0);
    const scrap = next((code & SCRAP) !== 0);
    const rework = next((code & REWORK) !== 0);
    const produced = next((more & MORE_PRODUCED) !== 0);
    const total = (more & MORE_TOTAL) !== 0;
    const at = view.getFloat64(start + 6);
    history.acceptCount(at, total, good, scrap, rework, produced, (code & STARTUP) !== 0, product);
    return p;
  }

  /** Gives the events of a machine from `start` to the first byte that is 0 to its history. */
  decode(view: DataView, start: number, base: number, machine: Machine, history: MachineHistory): void {
    for (let p = start; ; ) {
      const code = view.getUint8(p);
      switch (code & KIND) {
        case SMALL_COUNT: {
          const at = base + view.getInt32(p + 1);
          p += 5;
          const good = (code & GOOD) !== 0 ? view.getInt8(p++) : null;
          const scrap = (code & SCRAP) !== 0 ? view.getInt8(p++) : null;
          const rework = (code & REWORK) !== 0 ? view.getInt8(p++) : null;
          history.acceptCount(at, false, good, scrap, rework, null, (code & STARTUP) !== 0, null);
          break;
        }
        case COUNT:
        case TOTAL:
          p = decodeCount(code, view, p, base, history);
          break;
        case STATE:
          history.accept({
            type: "state",
            machine,
            at: view.getFloat64(p + 1),
            id: null,
            state: stateNumbered(view.getUint8(p + 9)),
            reason: this.#texts.textOf(view.getInt32(p + 10)),
          });
          p += 14;
          break;
        case JOB: {
          const idealCycleUs = view.getFloat64(p + 9);
          history.accept({
            type: "job",
            machine,
            at: view.getFloat64(p + 1),
            id: null,
            product: this.#texts.textOf(view.getInt32(p + 17)) ?? "",
            order: null,
            idealCycleUs: Number.isNaN(idealCycleUs) ? null : idealCycleUs,
            piecesPerCount: view.getInt32(p + 21) || null,
          });
          p += 25;
          break;
        }
        case MORE_COUNT:
          p = this.#decodeMore(code, view, p, history);
          break;
        case CORRECTION: {
          const state = view.getInt8(p + 25);
          history.accept({
            type: "correction",
            machine,
            at: view.getFloat64(p + 1),
            id: null,
            from: view.getFloat64(p + 9),
            to: view.getFloat64(p + 17),
            state: state < 0 ? null : stateNumbered(state),
            reason: this.#texts.textOf(view.getInt32(p + 26)),
            clear: (code & CLEAR) !== 0,
            by: this.#texts.textOf(view.getInt32(p + 30)),
            note: null,
          });
          p += 34;
          break;
        }
        default:
          return;
      }
    }
  }
}

/** Returns where the count or total at `start` ends. */
function decodeCount(code: number, view: DataView, start: number, base: number, history: MachineHistory): number {
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
  history.acceptCount(at, (code & KIND) === TOTAL, good, scrap, rework, null, (code & STARTUP) !== 0, null);
  return p;
}

function encodeCount(event: CountEvent | TotalEvent, view: DataView, start: number, base: number): number {
  const { at, good, scrap, rework } = event;
  const offset = at - base;
  const flags = flagsOf(event);
  if (event.type === "count" && fits(offset) && isByte(good ?? 0) && isByte(scrap ?? 0) && isByte(rework ?? 0)) {
    view.setInt8(start, SMALL_COUNT | flags);
    view.setInt32(start + 1, offset);
    let p = start + 5;
    if (good !== null) view.setInt8(p++, good);
    if (scrap !== null) view.setInt8(p++, scrap);
    if (rework !== null) view.setInt8(p++, rework);
    return p;
  }
  const wide = !fits(offset) || !fits(good ?? 0) || !fits(scrap ?? 0) || !fits(rework ?? 0);
  view.setUint8(start, (event.type === "total" ? TOTAL : COUNT) | flags | (wide ? WIDE : 0));
  const write = wide ? writeWide : writeNarrow;
  let p = write(view, start + 1, wide ? at : offset);
  if (good !== null) p = write(view, p, good);
  if (scrap !== null) p = write(view, p, scrap);
  if (rework !== null) p = write(view, p, rework);
  return p;
}

function flagsOf({ startup, good, scrap, rework }: CountEvent | TotalEvent): number {
  return (
    (startup ? STARTUP : 0) | (good === null ? 0 : GOOD) | (scrap === null ? 0 : SCRAP) | (rework === null ? 0 : REWORK)
  );
}

function isByte(value: number): boolean {
  return value === (value << 24) >> 24;
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
