/** What came after something was frozen or presented: events of before its end, and corrections that bear on its period (BL-5, RV-4). */
import type { Period } from "@oee/calendar";
import type { Machine } from "@oee/model";
import type { Facts } from "./facts.ts";
import type { HistoryFacts } from "./history-facts.ts";

export interface Came {
  readonly count: number;
  /** How many by whom; `""`: nobody is named. */
  readonly by: Readonly<Record<string, number>>;
}

/** Corrections of machines made at `since` (epoch ms) or later that change a part of a period. */
export function correctionsSince(facts: Facts, machines: readonly Machine[], since: number, period: Period): Came {
  return cameBy(
    machines.flatMap((machine) =>
      facts
        .correctionsOf(machine)
        .filter(({ at, from, to }) => at >= since && from < period.to && to > period.from)
        .map(({ by }) => by),
    ),
  );
}

/** What a record holds more than its own beginning, as which it was known: events of before a period's end, and corrections that change a part of it. */
export function cameAfter(
  known: HistoryFacts,
  whole: HistoryFacts,
  machines: readonly Machine[],
  period: Period,
): { readonly lateEvents: number; readonly corrections: Came } {
  let lateEvents = 0;
  const people: (string | null)[] = [];
  for (const machine of machines) {
    const end = Math.min(period.to, whole.now);
    lateEvents += whole.eventsBefore(machine, end) - known.eventsBefore(machine, end);
    const came = whole.correctionsOf(machine).slice(known.correctionsOf(machine).length);
    for (const { from, to, by } of came) {
      if (from < period.to && to > period.from) people.push(by);
    }
  }
  return { lateEvents, corrections: cameBy(people) };
}

/** How many there are, and how many of each person; those of nobody by name are under the empty text. */
export function cameBy(people: readonly (string | null)[]): Came {
  const by: Record<string, number> = {};
  for (const person of people) by[person ?? ""] = (by[person ?? ""] ?? 0) + 1;
  return { count: people.length, by };
}
