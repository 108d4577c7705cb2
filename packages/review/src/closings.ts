/** Time that is closed: up to which date figures of a scope are settled, so that changing them needs a reason. */
import { isInScope, type CorrectionEvent, type Machine, type Refusal } from "@oee/model";
import { dateText, type Day, startOf } from "./dates.ts";
import type { ClosingEntry } from "./entries.ts";
import type { EntryBook } from "./entry-book.ts";

export interface Closed {
  readonly id: string;
  /** The first date that is not closed, and the instant (epoch ms) at which it begins in the machine's zone. */
  readonly until: Day;
  readonly end: number;
}

/** The closing of a machine, or of a scope above it, that reaches furthest; `null`: no time of the machine is closed. */
export function closedOf(closings: readonly ClosingEntry[], machine: Machine): Closed | null {
  let furthest: ClosingEntry | null = null;
  for (const closing of closings) {
    const { path } = closing.scope;
    if (!isInScope(machine.path, path)) continue;
    if (furthest === null || closing.until > furthest.until) furthest = closing;
  }
  if (furthest === null) return null;
  return { id: furthest.id, until: furthest.until, end: startOf(machine.timezone, furthest.until) };
}

/** The closings that were in force at an instant (epoch ms): of each entry the newest revision that was made by then. */
export function closingsAt(book: EntryBook, instant: number): readonly ClosingEntry[] {
  return book.newest("closing").flatMap(({ id }) => {
    const last = book.revisionsOf("closing", id).findLast(({ at }) => at === null || at <= instant);
    return last === undefined || last.withdrawn ? [] : [last];
  });
}

/**
 * The refusal of a correction that begins in time which was closed when it was made, and that gives no note; `null`: it is
 * not refused. It depends on the correction's own instant, so that it is the same when the log is read again.
 */
export function refusalOfClosed(
  book: EntryBook,
  correction: CorrectionEvent,
  madeAt: number = correction.at,
): Refusal | null {
  const { machine, from, note } = correction;
  if (note !== null && note.trim() !== "") return null;
  const closed = closedOf(closingsAt(book, madeAt), machine);
  if (closed === null || from >= closed.end) return null;
  const until = dateText(closed.until);
  return {
    code: "closed",
    detail: `time of ${machine.path} before ${until} is closed (closing ${closed.id}); expected a note that says why it is corrected`,
  };
}
