/** Who gave a stop of one machine its reason, and when (RS-2): its state events and corrections, in any order of arrival. */
import { type CorrectionEvent, firstNotBefore, type PlantEvent, type ReasonTree, type StateEvent } from "@oee/model";
import { isVague } from "./reasons.ts";

export class ReasonTrail {
  /** In log order. */
  readonly corrections: CorrectionEvent[] = [];
  /** State events that hold, by time: at one instant the later in log order (TL-1). */
  readonly #states = new Map<number, StateEvent>();
  #statesByTime: readonly StateEvent[] | null = null;

  /** Takes the next event in log order; those of other types say nothing of reasons. */
  accept(event: PlantEvent): void {
    if (event.type === "correction") this.corrections.push(event);
    if (event.type !== "state") return;
    this.#states.set(event.at, event);
    this.#statesByTime = null;
  }

  /** Whether a state event that lies at an instant names a reason: what came before then bears on nothing there. */
  isToldAt(instant: number): boolean {
    return (this.#states.get(instant)?.reason ?? null) !== null;
  }

  /** The earliest word that gave the instant a reason that is not vague, of events before `now`; `null`: none. */
  givenAt(reasons: ReasonTree, instant: number, now: number): number | null {
    const words: number[] = [];
    const states = this.#statesInOrder;
    let i = lastAtOrBefore(states, instant);
    const inForce = states[i];
    if (inForce !== undefined) {
      // Repeats of the state in force change nothing (TL-2); one that brings a reason explains the time before it (TL-3).
      let reason = inForce.reason;
      while (reason === null && states[i - 1]?.state === inForce.state) reason = (states[--i] as StateEvent).reason;
      if (!isVague(reasons, reason)) words.push((states[i] as StateEvent).at);
      let after = i + 1;
      while (states[after]?.state === inForce.state && states[after]?.reason === null) after++;
      const next = states[after];
      const explains = reason === null && next?.state === inForce.state && next.at < now;
      if (explains && !isVague(reasons, next.reason)) words.push(next.at);
    }
    for (const { at, from, to, reason } of this.corrections) {
      if (from <= instant && instant < to && !isVague(reasons, reason)) words.push(at);
    }
    return words.length === 0 ? null : Math.min(...words);
  }

  get #statesInOrder(): readonly StateEvent[] {
    return (this.#statesByTime ??= [...this.#states.values()].sort((a, b) => a.at - b.at));
  }
}

function lastAtOrBefore(states: readonly StateEvent[], instant: number): number {
  return firstNotBefore(states.length, (place) => (states[place] as StateEvent).at <= instant) - 1;
}
