/** Alerts counted by rule (AL-5): how many, how soon somebody took them, how far they escalated, and which rules cry for nothing. */
import type { Alert } from "./alerts.ts";
import type { KnownAlert } from "./board.ts";

export interface AlertCounts {
  readonly rule: string;
  /** Those that were withdrawn aside. */
  readonly alerts: number;
  readonly withdrawn: number;
  readonly open: number;
  /** From opening, in ms: medians by nearest rank of those that were; `null`: none was. */
  readonly medianToAcknowledge: number | null;
  readonly medianToResolve: number | null;
  /** By place in the chain, how many reached that step. */
  readonly steps: readonly number[];
  /** Resolved without that anybody had acknowledged them. */
  readonly unacknowledged: number;
  /** Whether that is what happens more often than not. */
  readonly noise: boolean;
}

/** By rule, in the order given: rules of which there was no alert are told too. */
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
  // What resolved it may be that somebody said so, which is to have seen it.
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

/** Of the times from opening until something, by nearest rank: the ⌈n / 2⌉-th smallest. */
function medianOf(alerts: readonly Alert[], instantOf: (alert: Alert) => number | null): number | null {
  const times = alerts
    .flatMap((alert) => {
      const instant = instantOf(alert);
      return instant === null ? [] : [instant - alert.opens];
    })
    .sort((a, b) => a - b);
  return times[Math.ceil(times.length / 2) - 1] ?? null;
}
