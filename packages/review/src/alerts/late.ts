/**
 * Alerts of the kind `late` (AL-1): events take too long over a hop. The 95th percentile is judged minute by minute of the
 * events' arrival, which events themselves do not hold.
 */
import { MINUTE_MS, type Period } from "@oee/calendar";
import { type AlertCondition, formatInstant, type Hop, type Scope } from "@oee/model";
import type { Opening } from "./openings.ts";
import { type Look, runsOf } from "./runs.ts";

type LateCondition = Extract<AlertCondition, { readonly kind: "late" }>;

/** The 95th percentile (ms) of a hop over the events of a scope that arrived in a minute; `null`: none did. */
export type P95Of = (scope: Scope, hop: Hop, minute: number) => number | null;

/** The alerts of a rule in a span. `openSince` is when the alert opened that was open at the span's start; minutes after `now` are not looked at. */
export function lateOpenings(
  p95Of: P95Of,
  now: number,
  scope: Scope,
  { hop, p95Ms, forMs }: LateCondition,
  span: Period,
  openSince: number | null,
): readonly Opening[] {
  const looks: Look[] = [];
  const last = Math.min(span.to, now);
  for (let at = Math.floor((span.from - forMs) / MINUTE_MS - 1) * MINUTE_MS; at <= last; at += MINUTE_MS) {
    const p95 = p95Of(scope, hop, at - MINUTE_MS);
    looks.push({ at, found: p95 === null ? null : p95 > p95Ms ? "met" : "over" });
  }
  return runsOf(looks, forMs, span.from, openSince).map(({ opens, resolves }) => ({
    subject: `${scope.path}:${hop}@${formatInstant(opens)}`,
    reason: null,
    opens,
    resolves,
  }));
}
