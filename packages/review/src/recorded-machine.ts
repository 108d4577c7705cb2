/**
 * All events of one machine, with what a review asks of them besides sums: the instants of its events, and when a stop got
 * its reason.
 */
import { MachineHistory, type PlantModel } from "@oee/engine";
import { firstNotBefore, type Machine, type PlantEvent } from "@oee/model";
import { LATE_MS } from "./late-events.ts";
import { ReasonTrail } from "./reason-trail.ts";

export class RecordedMachine {
  readonly history: MachineHistory;
  readonly reasons: ReasonTrail = new ReasonTrail();
  /** Instants of events other than corrections; sorted only when they are read. */
  #instants = new Float64Array(64);
  #count = 0;
  #sorted = true;
  /** Of events that came late: the instant of each and when it arrived, in turn (epoch ms). */
  readonly #late: number[] = [];

  constructor(model: PlantModel, machine: Machine) {
    this.history = new MachineHistory(model, machine);
  }

  /** Takes the next event in log order, with when it arrived (epoch ms) if that is known; `false`: it was a repeat (CN-4) and changes nothing. */
  accept(event: PlantEvent, receivedAt?: number): boolean {
    if (!this.history.accept(event)) return false;
    this.reasons.accept(event);
    if (event.type === "correction") return true;
    this.#addInstant(event.at);
    if (receivedAt !== undefined && receivedAt - event.at > LATE_MS) this.#late.push(event.at, receivedAt);
    return true;
  }

  /** The events in `[from, to)` that came late, and how many of them at `after` or later. */
  lateIn(from: number, to: number, after: number): { readonly count: number; readonly after: number } {
    const late = { count: 0, after: 0 };
    for (let i = 0; i < this.#late.length; i += 2) {
      const [at = 0, receivedAt = 0] = [this.#late[i], this.#late[i + 1]];
      if (at < from || at >= to) continue;
      late.count++;
      if (receivedAt >= after) late.after++;
    }
    return late;
  }

  /** Whether an event other than a correction lies in `[from, to)`. */
  isSeen(from: number, to: number): boolean {
    const next = this.instants[lowerBound(this.instants, from)];
    return next !== undefined && next < to;
  }

  /** The instants of events other than corrections, in order of time. */
  get instants(): Float64Array {
    const instants = this.#instants.subarray(0, this.#count);
    if (!this.#sorted) instants.sort();
    this.#sorted = true;
    return instants;
  }

  #addInstant(at: number): void {
    if (this.#count === this.#instants.length) {
      const more = new Float64Array(2 * this.#count);
      more.set(this.#instants);
      this.#instants = more;
    }
    if (this.#count > 0 && at < (this.#instants[this.#count - 1] as number)) this.#sorted = false;
    this.#instants[this.#count++] = at;
  }
}

/** The index of the first of sorted instants that is not before `instant`. */
export function lowerBound(instants: Float64Array, instant: number): number {
  return firstNotBefore(instants.length, (place) => (instants[place] as number) < instant);
}
