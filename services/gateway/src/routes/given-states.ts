/** What corrections of a machine say of its states (TL-7). */
import type { CorrectionEvent } from "@oee/model";

type Said = Pick<CorrectionEvent, "from" | "to" | "state" | "clear">;

/** Whether one of some corrections, in the order of the log, gives the state at any instant of `[from, to)` (epoch ms). */
export function givesState(corrections: readonly Said[], from: number, to: number): boolean {
  const bearing = corrections.filter((each) => (each.state !== null || each.clear) && each.from < to && each.to > from);
  // Which of them is in force changes only where one begins or ends.
  const instants = bearing.flatMap((each) => [Math.max(from, each.from), each.to]).filter((at) => at < to);
  return instants.some((at) => bearing.findLast((each) => each.from <= at && at < each.to)?.clear === false);
}
