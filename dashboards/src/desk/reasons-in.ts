/** Which reasons a span of time has: of the stops in it that are not minor, those that took most of it first. */
import type { StopRow } from "../shared/api/rows.ts";

/** More are a matter of the stop list. */
const NAMED_MAX = 3;
/** A machine that waits for another says nothing of why. */
const WAITING: ReadonlySet<string> = new Set(["starved", "blocked"]);

/** Paths of reasons, `null` for stops without one; nothing where only waiting machines stood. */
export function reasonsIn(
  stops: readonly StopRow[],
  span: { readonly from: string; readonly to: string },
): readonly (string | null)[] {
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  const lengths = new Map<string | null, number>();
  for (const stop of stops) {
    if (stop.minor || WAITING.has(stop.state)) continue;
    const length = Math.min(to, Date.parse(stop.to)) - Math.max(from, Date.parse(stop.from));
    if (length > 0) lengths.set(stop.reason, (lengths.get(stop.reason) ?? 0) + length);
  }
  return [...lengths]
    .sort(([, a], [, b]) => b - a)
    .slice(0, NAMED_MAX)
    .map(([reason]) => reason);
}
