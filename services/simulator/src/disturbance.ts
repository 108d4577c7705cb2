/**
 * What goes wrong between a machine and the log, on request and by seed: events that come late, twice, out of order,
 * and lines that are no events at all. Nothing is lost: a broken line comes besides the event it was copied from, so
 * that, given that events carry an `id`, a disturbed history has the same KPIs.
 */
import { RandomStream } from "./random-stream.ts";
import { instantOfEvent, type WireEvent } from "./wire-event.ts";

/** Probabilities are per event, 0 to 1; what is missing does not happen. */
export interface DisturbanceOptions {
  readonly seed: string | number;
  /** Held back until an event up to `delayMaxMs` younger has gone. */
  readonly late?: { readonly probability: number; readonly delayMaxMs: number };
  readonly doubled?: number;
  /** Overtaken by up to `within` of the events after it. */
  readonly reordered?: { readonly probability: number; readonly within: number };
  readonly malformed?: number;
}

/** One line of NDJSON without its end; `machine` is the key of its record. */
export interface OutgoingLine {
  readonly machine: string;
  readonly text: string;
}

/** Events held back at once; beyond it the one due first goes early. */
const HELD_MAX = 100_000;

interface Held {
  readonly dueAt: number;
  readonly line: OutgoingLine;
  readonly copies: number;
}

export class Disturbance {
  readonly #options: DisturbanceOptions;
  readonly #random: RandomStream;
  /** Each in order of when it is due: by the time of the stream, and by the number of events passed. */
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

  /** The lines that go out when these events have come in. What is held back comes with later calls. */
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

  /** What is still held back. */
  *end(): Generator<OutgoingLine, void, undefined> {
    yield* released(this.#overtaken, Infinity);
    yield* released(this.#late, Infinity);
  }

  /** Each of these is refused with a code (DI-2): cut off, no JSON, a wrong type, a foreign machine, a foreign state. */
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

/** A whole stream at once. */
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
