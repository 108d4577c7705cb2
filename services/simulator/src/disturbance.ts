/**
 * Disturbs a stream of events by seed, as happens between a machine and the log: events come late, twice or out of order,
 * and broken lines come among them. No event is lost: a broken line comes besides the event of which it is a copy. Where
 * events carry an `id`, a disturbed history has the same KPIs.
 */
import { RandomStream } from "./random-stream.ts";
import { instantOfEvent, type WireEvent } from "./wire-event.ts";

/** Probabilities are per event, 0 to 1; a disturbance that is not named does not happen. */
export interface DisturbanceOptions {
  readonly seed: string | number;
  /** An event is held back until one that is up to `delayMaxMs` (ms) younger has gone out. */
  readonly late?: { readonly probability: number; readonly delayMaxMs: number };
  readonly doubled?: number;
  /** An event is overtaken by up to `within` of the events after it. */
  readonly reordered?: { readonly probability: number; readonly within: number };
  readonly malformed?: number;
}

/** One line of NDJSON without its end; `machine` is the key of its record. */
export interface OutgoingLine {
  readonly machine: string;
  readonly text: string;
}

/** Most late events that are held back at a time; with more, the one that is due first goes out early. */
const HELD_MAX = 100_000;

interface Held {
  readonly dueAt: number;
  readonly line: OutgoingLine;
  readonly copies: number;
}

export class Disturbance {
  readonly #options: DisturbanceOptions;
  readonly #random: RandomStream;
  /** Events held back, in order of `dueAt`: in `#late` an instant (epoch ms), in `#overtaken` a number of events gone out. */
  readonly #late: Held[] = [];
  readonly #overtaken: Held[] = [];
  #passed = 0;

  /** Throws `RangeError` where a probability, delay or distance is out of range. */
  constructor(options: DisturbanceOptions) {
    const { late, doubled, reordered, malformed } = options;
    check("late", late?.probability ?? 0, 1);
    check("late delay", late?.delayMaxMs ?? 0, Number.MAX_SAFE_INTEGER);
    check("doubled", doubled ?? 0, 1);
    check("reordered", reordered?.probability ?? 0, 1);
    check("reordered distance", reordered?.within ?? 0, HELD_MAX);
    check("malformed", malformed ?? 0, 1);
    this.#options = options;
    this.#random = new RandomStream(options.seed, "disturbance");
  }

  /** The lines that go out once these events have come in. Events that are held back come with later calls, or with `end`. */
  *push(events: Iterable<WireEvent>): Generator<OutgoingLine, void, undefined> {
    const { late, doubled, reordered, malformed } = this.#options;
    for (const event of events) {
      const at = instantOfEvent(event);
      yield* released(this.#late, at);
      const line: OutgoingLine = { machine: event.machine, text: JSON.stringify(event) };
      // Both copies go the same way: further apart than 256 ids a repeat could not be told from a new event (CN-4).
      const copies = this.#random.chance(doubled ?? 0) ? 2 : 1;
      if (late !== undefined && this.#random.chance(late.probability)) {
        hold(this.#late, { dueAt: at + this.#random.whole(1, late.delayMaxMs), line, copies });
      } else if (reordered !== undefined && this.#random.chance(reordered.probability)) {
        hold(this.#overtaken, { dueAt: this.#passed + this.#random.whole(1, reordered.within), line, copies });
      } else {
        for (let i = 0; i < copies; i++) yield line;
        this.#passed++;
        yield* released(this.#overtaken, this.#passed);
      }
      if (this.#random.chance(malformed ?? 0)) yield { machine: event.machine, text: this.#broken(event, line.text) };
      if (this.#late.length > HELD_MAX) yield* released(this.#late, this.#late[0]?.dueAt ?? at);
    }
  }

  /** The lines of all events that are still held back. */
  *end(): Generator<OutgoingLine, void, undefined> {
    yield* released(this.#overtaken, Infinity);
    yield* released(this.#late, Infinity);
  }

  /** A broken copy of an event's line, which is refused with a code (DI-2): cut off, no JSON, a wrong type, an unknown machine or state. */
  #broken(event: WireEvent, text: string): string {
    switch (this.#random.whole(0, 5)) {
      case 0:
        return `#${text.slice(1)}`;
      case 1:
        return JSON.stringify({ ...event, at: "yesterday" });
      case 2:
        return JSON.stringify({ ...event, machine: `${event.machine}-2-of-nobody` });
      case 3:
        return JSON.stringify({ type: "state", machine: event.machine, at: event.at, state: "levitating" });
      default:
        return text.slice(0, this.#random.whole(1, text.length - 1));
    }
  }
}

/** Disturbs a stream that ends: its lines, with those held back at the end. */
export function* disturb(
  events: Iterable<WireEvent>,
  options: DisturbanceOptions,
): Generator<OutgoingLine, void, undefined> {
  const disturbance = new Disturbance(options);
  yield* disturbance.push(events);
  yield* disturbance.end();
}

function hold(queue: Held[], held: Held): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((queue[middle]?.dueAt ?? Infinity) <= held.dueAt) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, held);
}

function* released(queue: Held[], now: number): Generator<OutgoingLine, void, undefined> {
  for (let first = queue[0]; first !== undefined && first.dueAt <= now; first = queue[0]) {
    queue.shift();
    for (let i = 0; i < first.copies; i++) yield first.line;
  }
}

function check(name: string, value: number, max: number): void {
  if (!(value >= 0 && value <= max)) throw new RangeError(`${name} is ${value}; expected a number from 0 to ${max}`);
}
