/** Doubted totals (CN-8) as they are stored: one record for each, by machine, instant and quantity. */
import type { DoubtedTotal } from "@oee/model";
import type { Doubt } from "./counters.ts";
import type { CounterName } from "./settled-counters.ts";

/** By the number of the quantity. */
export const QUANTITY_NAMES: readonly CounterName[] = ["good", "scrap", "rework", "produced"];

export function counterOf({ quantity }: Doubt): CounterName {
  return QUANTITY_NAMES[quantity] as CounterName;
}

export function doubtedTotal(machine: string, doubt: Doubt, doubted: boolean): DoubtedTotal {
  return { machine, at: doubt.at, quantity: counterOf(doubt), doubted };
}

/** Whether computing time from an instant on (epoch ms) tells of a doubt: it arose there, or was settled there or not yet. */
export function isJudgedFrom({ at, settledAt }: Doubt, from: number): boolean {
  return at >= from || settledAt >= from;
}

/** The totals of `[from, to)` that are doubted. */
export function doubtsWithin(machine: string, doubts: readonly Doubt[], from: number, to: number): DoubtedTotal[] {
  return doubts
    .filter(({ at, isTrue }) => at >= from && at < to && !isTrue)
    .map((doubt) => doubtedTotal(machine, doubt, true));
}
