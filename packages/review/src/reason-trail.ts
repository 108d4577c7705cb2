/** When a stop of one machine got its reason (RS-2), from its state events and corrections, in any order of arrival. */
import { type CorrectionEvent, firstNotBefore, type PlantEvent, type ReasonTree, type StateEvent } from "@oee/model";
import { isVague } from "./reasons.ts";

export class ReasonTrail {
  /** Corrections of the machine, in log order. */
  readonly corrections: CorrectionEvent[] = [];
  /** State events by instant; of several at one instant the later in log order holds (TL-1). */
  readonly #states = new Map<number, StateEvent>();
  #statesByTime: readonly StateEvent[] | null = null;

  /** Takes the next event in log order; events of other types than state and correction are passed over. */
  accept(event: PlantEvent): void {
    if (event.type === "correction") this.corrections.push(event);
    if (event.type !== "state") return;
    this.#states.set(event.at, event);
    this.#statesByTime = null;
  }

  /** Whether there is a state event at exactly this instant that names a reason: then earlier events do not decide the reason there. */
  namesReasonAt(instant: number): boolean {
    return (this.#states.get(instant)?.reason ?? null) !== null;
  }

  /**
   * Whether the state events at hand, which follow one another, tell when state events gave an instant a reason. They do not
   * where a state that has no reason goes on beyond the first of them, or, if more may follow (`isCut`), beyond the last.
   */
  tells(instant: number, { isCut }: { readonly isCut: boolean }): boolean {
    const states = this.statesInOrder;
    const place = lastAtOrBefore(states, instant);
    const inForce = states[place];
    if (inForce === undefined) return false;
    let first = place;
    while (states[first]?.reason === null && states[first - 1]?.state === inForce.state) first--;
    if (states[first]?.reason !== null) return true;
    let after = place + 1;
    while (states[after]?.state === inForce.state && states[after]?.reason === null) after++;
    return first > 0 && (!isCut || after < states.length);
  }

  /** When the earliest event before `now` gave an instant a reason that is not vague (epoch ms); `null`: none did. */
  givenAt(reasons: ReasonTree, instant: number, now: number): number | null {
    const words: number[] = [];
    const states = this.statesInOrder;
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

  /** In order of time; of several at one instant the last in the log. */
  get statesInOrder(): readonly StateEvent[] {
    return (this.#statesByTime ??= [...this.#states.values()].sort((a, b) => a.at - b.at));
  }
}

function lastAtOrBefore(states: readonly StateEvent[], instant: number): number {
  return firstNotBefore(states.length, (place) => (states[place] as StateEvent).at <= instant) - 1;
}
