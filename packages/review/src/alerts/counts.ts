/** Alerts counted by rule (AL-5): how many, how soon they were acknowledged and resolved, which steps they reached, and which rules are noise. */
import type { Alert } from "./alerts.ts";
import type { KnownAlert } from "./board.ts";

export interface AlertCounts {
  readonly rule: string;
  /** Number of alerts, without those that were withdrawn. */
  readonly alerts: number;
  readonly withdrawn: number;
  readonly open: number;
  /** Medians (by nearest rank, ms) of the time from opening, over the alerts that were acknowledged or resolved; `null`: none was. */
  readonly medianToAcknowledge: number | null;
  readonly medianToResolve: number | null;
  /** How many alerts reached each step, by its place in the chain. */
  readonly steps: readonly number[];
  /** Number of alerts that were resolved before anybody had acknowledged them. */
  readonly unacknowledged: number;
  /** Whether more than half of the resolved alerts were unacknowledged. */
  readonly noise: boolean;
}

/** The counts of each rule, in the order given, also of rules without an alert; then those of rules that are not among them. */
export function alertCounts(rules: readonly string[], alerts: Iterable<Alert | KnownAlert>): readonly AlertCounts[] {
  const byRule = new Map<string, (Alert | KnownAlert)[]>(rules.map((rule) => [rule, []]));
  for (const alert of alerts) {
    const own = byRule.get(alert.rule);
    if (own === undefined) byRule.set(alert.rule, [alert]);
    else own.push(alert);
  }
  return [...byRule].map(([rule, all]) => countsOf(rule, all));
}

function countsOf(rule: string, all: readonly (Alert | KnownAlert)[]): AlertCounts {
  const held = all.filter((alert) => !("withdrawn" in alert) || alert.withdrawn === null);
  const resolved = held.filter(({ resolves }) => resolves !== null);
  // A person who resolves an alert acknowledges it at the same instant: that one is not unacknowledged.
  const unacknowledged = resolved.filter(
    ({ acknowledged, resolves }) => acknowledged === null || acknowledged > (resolves ?? 0),
  ).length;
  const steps: number[] = [];
  for (const alert of held) {
    for (const { number, due } of alert.steps) {
      while (steps.length <= number) steps.push(0);
      if (due) steps[number] = (steps[number] ?? 0) + 1;
    }
  }
  return {
    rule,
    alerts: held.length,
    withdrawn: all.length - held.length,
    open: held.length - resolved.length,
    medianToAcknowledge: medianOf(held, ({ acknowledged }) => acknowledged),
    medianToResolve: medianOf(held, ({ resolves }) => resolves),
    steps,
    unacknowledged,
    noise: unacknowledged * 2 > resolved.length,
  };
}

/** The median of the times (ms) from opening to an instant, by nearest rank: the ⌈n / 2⌉-th smallest. */
function medianOf(alerts: readonly Alert[], instantOf: (alert: Alert) => number | null): number | null {
  const times = alerts
    .flatMap((alert) => {
      const instant = instantOf(alert);
      return instant === null ? [] : [instant - alert.opens];
    })
    .sort((a, b) => a - b);
  return times[Math.ceil(times.length / 2) - 1] ?? null;
}
