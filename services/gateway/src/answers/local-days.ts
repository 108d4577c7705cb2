/** Where the days of a zone begin, for the store keeps sums of whole days. */
import type { Period } from "@oee/calendar";
import type { PeriodRules, Zone } from "@oee/model";
import { dayAt, startOf } from "@oee/review";

/** The instants (epoch ms) in a period, its end included, at which days begin, `dayStartMinute` minutes after midnight. */
export function dayStartsIn(zone: Zone, dayStartMinute: number, { from, to }: Period): readonly number[] {
  const starts: number[] = [];
  for (let day = dayAt(zone, from) - 1; ; day++) {
    const start = startOf(zone, day, dayStartMinute);
    if (start > to) return starts;
    // A day that a zone left out by moving over the date line has no length.
    if (start >= from && start > (starts.at(-1) ?? -Infinity)) starts.push(start);
  }
}

/** The starts of days by that zone and day start, of some scopes, at which most of the cuts lie. */
export function dayStartsAt(
  cuts: readonly number[],
  ways: readonly { readonly timezone: Zone; readonly periods: Pick<PeriodRules, "dayStartMinute"> }[],
): readonly number[] {
  const period = { from: cuts[0] ?? 0, to: cuts.at(-1) ?? 0 };
  let best: readonly number[] = [];
  let most = -1;
  const seen = new Set<string>();
  for (const { timezone, periods } of ways) {
    for (const minute of [0, periods.dayStartMinute]) {
      const way = `${timezone.name} ${minute}`;
      if (seen.has(way)) continue;
      seen.add(way);
      const starts = dayStartsIn(timezone, minute, period);
      const known = new Set(starts);
      const count = cuts.filter((cut) => known.has(cut)).length;
      if (count > most) [best, most] = [starts, count];
    }
  }
  return best;
}
