/** The reasons of a span of time: those of stops that are not minor, the one with the most time in the span first. */
import type { StopRow } from "../shared/api/rows.ts";

/** Most reasons that are named; the list of stops has the others. */
const NAMED_MAX = 3;
/** States of a machine that waits for another: they do not explain why the line stood. */
const WAITING: ReadonlySet<string> = new Set(["starved", "blocked"]);

/** Paths of the reasons, `null` for stops without one; empty where only waiting machines stood. */
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
