/** Time that is closed: up to which date figures of a scope are settled, so that changing them needs a reason. */
import type { Machine } from "@oee/model";
import { type Day, startOf } from "./dates.ts";
import type { ClosingEntry } from "./entries.ts";
import { isAtOrBelow } from "./measures.ts";

export interface Closed {
  readonly id: string;
  /** The first date that is not closed, and its first instant (epoch ms) at the machine. */
  readonly until: Day;
  readonly end: number;
}

/** The closing that reaches furthest of a machine: of it or of any scope above; `null`: no time of it is closed. */
export function closedOf(closings: readonly ClosingEntry[], machine: Machine): Closed | null {
  let furthest: ClosingEntry | null = null;
  for (const closing of closings) {
    const { path } = closing.scope;
    if (path !== "*" && !isAtOrBelow(machine.path, path)) continue;
    if (furthest === null || closing.until > furthest.until) furthest = closing;
  }
  if (furthest === null) return null;
  return { id: furthest.id, until: furthest.until, end: startOf(machine.timezone, furthest.until) };
}
