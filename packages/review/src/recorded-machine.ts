/**
 * All events of one machine, with what a review asks of them besides sums: when it was heard of, and when a stop was given
 * its reason.
 */
import { MachineHistory, type PlantModel } from "@oee/engine";
import type { CorrectionEvent, Machine, PlantEvent, ReasonTree, StateEvent } from "@oee/model";
import { isVague } from "./reasons.ts";

export class RecordedMachine {
  readonly history: MachineHistory;
  /** In log order. */
  readonly corrections: CorrectionEvent[] = [];
  /** State events that hold, by time: at one instant the later in log order (TL-1). */
  readonly #states = new Map<number, StateEvent>();
  #statesByTime: readonly StateEvent[] | null = null;
  /** Instants of events other than corrections; sorted when asked for. */
  #instants = new Float64Array(64);
  #count = 0;
  #sorted = true;

  constructor(model: PlantModel, machine: Machine) {
    this.history = new MachineHistory(model, machine);
  }

  /** Takes the next event in log order; `false`: it was a repeat (CN-4). */
  accept(event: PlantEvent): boolean {
    if (!this.history.accept(event)) return false;
    if (event.type === "correction") {
      this.corrections.push(event);
      return true;
    }
    if (event.type === "state") {
      this.#states.set(event.at, event);
      this.#statesByTime = null;
    }
    this.#addInstant(event.at);
    return true;
  }

  /** Whether an event other than a correction lies in `[from, to)`. */
  isSeen(from: number, to: number): boolean {
    const next = this.instants[lowerBound(this.instants, from)];
    return next !== undefined && next < to;
  }

  /** RS-2: the earliest word that gave the instant a reason that is not vague, of events before `now`; `null`: none. */
  reasonGivenAt(reasons: ReasonTree, instant: number, now: number): number | null {
    const words: number[] = [];
    const states = this.#statesInOrder;
    let i = states.findLastIndex(({ at }) => at <= instant);
    const inForce = states[i];
    if (inForce !== undefined) {
      // Repeats of the state in force change nothing (TL-2); one that brings a reason explains the time before it (TL-3).
      let reason = inForce.reason;
      while (reason === null && states[i - 1]?.state === inForce.state) reason = (states[--i] as StateEvent).reason;
      if (!isVague(reasons, reason)) words.push((states[i] as StateEvent).at);
      const next = states.slice(i + 1).find(({ state, reason: told }) => state !== inForce.state || told !== null);
      const explains = reason === null && next?.state === inForce.state && next.at < now;
      if (explains && !isVague(reasons, next.reason)) words.push(next.at);
    }
    for (const { at, from, to, reason } of this.corrections) {
      if (from <= instant && instant < to && !isVague(reasons, reason)) words.push(at);
    }
    return words.length === 0 ? null : Math.min(...words);
  }

  /** The instants of events other than corrections, by time. */
  get instants(): Float64Array {
    const instants = this.#instants.subarray(0, this.#count);
    if (!this.#sorted) instants.sort();
    this.#sorted = true;
    return instants;
  }

  get #statesInOrder(): readonly StateEvent[] {
    return (this.#statesByTime ??= [...this.#states.values()].sort((a, b) => a.at - b.at));
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

/** The place of the first of sorted instants that is not before another. */
export function lowerBound(instants: Float64Array, instant: number): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((instants[middle] as number) < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
