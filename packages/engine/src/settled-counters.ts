/**
 * Finds how far back a recompute must read a machine's totals, so that its counters (CN-2, CN-7, CN-8) have the state that
 * they would have with all older totals.
 */
import type { Machine, TotalEvent } from "@oee/model";
import { Counters, NO_TOTALS } from "./counters.ts";

export type CounterName = "good" | "scrap" | "rework" | "produced";

const NAMES: readonly CounterName[] = ["good", "scrap", "rework", "produced"];

/** The quantities that a total holds. */
export function quantitiesOf(total: TotalEvent): readonly CounterName[] {
  return NAMES.filter((name) => total[name] !== null);
}

/** Between two totals, so that from the first of them on it is known how the counter stood after the second. */
interface Settled {
  readonly from: number;
  readonly to: number;
}

/**
 * The instant; `null`: older totals are needed. `totals`: the newest ones in order of their instants, the later in log
 * order last; `asked`: the quantities of which there is any total.
 */
export function settledSince(
  machine: Machine,
  totals: readonly TotalEvent[],
  asked: ReadonlySet<CounterName>,
): number | null {
  // What was good or rework counts from the total of what was produced that differences count from (CN-7).
  const produced = asked.has("produced") ? lastSettled(machine, totals, "produced", Infinity) : null;
  if (asked.has("produced") && produced === null) return null;
  let since = produced?.from ?? Infinity;
  for (const name of asked) {
    if (name === "produced") continue;
    const settled = lastSettled(machine, totals, name, name === "scrap" ? Infinity : (produced?.to ?? Infinity));
    if (settled === null) return null;
    since = Math.min(since, settled.from);
  }
  return since;
}

interface Place {
  readonly at: number;
  readonly value: number;
}

function lastSettled(
  machine: Machine,
  totals: readonly TotalEvent[],
  name: CounterName,
  before: number,
): Settled | null {
  const places: Place[] = [];
  for (let i = totals.length - 1; i >= 0; i--) {
    const { at, [name]: value } = totals[i] as TotalEvent;
    const later = places.at(-1);
    if (value === null || at > before || later?.at === at) continue;
    if (machine.maxRateMillionths === null) return { from: at, to: at };
    // Whatever was doubted before: a total that is plausible after the one before it is the base.
    if (later !== undefined && later.value >= value && isPlausibleAfter(machine, at, value, later.at, later.value)) {
      return { from: at, to: later.at };
    }
    places.push({ at, value });
  }
  return null;
}

function isPlausibleAfter(machine: Machine, at: number, total: number, laterAt: number, later: number): boolean {
  const counters = new Counters(machine, NO_TOTALS);
  counters.take(0, at, total);
  return counters.take(0, laterAt, later) !== null;
}
