/** What came after something was frozen or presented: corrections that bear on its period, and whose they are (BL-5, RV-4). */
import type { Period } from "@oee/calendar";
import type { Machine } from "@oee/model";
import type { Facts } from "./facts.ts";

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

export function cameBy(people: readonly (string | null)[]): Came {
  const by: Record<string, number> = {};
  for (const person of people) by[person ?? ""] = (by[person ?? ""] ?? 0) + 1;
  return { count: people.length, by };
}
