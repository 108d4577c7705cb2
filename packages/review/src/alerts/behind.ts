/** Alerts of the kind `behind` (AL-1): a target was behind, or missed, at `dates` midnights in a row. */
import type { Period } from "@oee/calendar";
import type { Scope } from "@oee/model";
import { type Day, dayAt, startOf } from "../dates.ts";
import type { Facts } from "../facts.ts";
import { ownStanding, type Target } from "../targets.ts";
import type { Opening } from "./openings.ts";

/**
 * The alert of a target in a span, judged at the midnights of its scope's zone. `known` is the target's alert from before
 * the span: a target has one alert in its life, so none follows a resolved one (AL-2).
 */
export function behindOpenings(
  facts: Facts,
  scope: Scope,
  target: Target,
  dates: number,
  span: Period,
  known: { readonly opens: number; readonly resolves: number | null } | null,
): readonly Opening[] {
  if (known !== null && known.resolves !== null) return [];
  const zone = scope.timezone;
  const last = Math.min(span.to, facts.now);
  let opens = known?.opens ?? null;
  let row = 0;
  // A target cannot be behind before its first date.
  const first: Day = Math.max(dayAt(zone, span.from) - dates, Number.isFinite(target.from) ? target.from : -Infinity);
  for (let day = first; startOf(zone, day) <= last; day++) {
    const at = startOf(zone, day);
    const { status } = ownStanding(facts, scope, target, at);
    const isBehind = status === "behind" || status === "missed";
    row = isBehind ? row + 1 : 0;
    if (opens === null) {
      if (row >= dates && at >= span.from) opens = at;
    } else if (!isBehind && at > opens && at >= span.from) {
      return [{ subject: target.id, reason: null, opens, resolves: at }];
    }
  }
  return opens === null ? [] : [{ subject: target.id, reason: null, opens, resolves: null }];
}
