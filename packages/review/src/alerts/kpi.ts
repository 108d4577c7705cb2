/** Alerts of the kind `kpi` (AL-1): the measure over a rolling window was beyond its limit at every end of a pane for `for`. */
import { kpisOf, paneMsOf } from "@oee/answers";
import { MINUTE_MS, type Period } from "@oee/calendar";
import { type AlertCondition, formatInstant, type Kpis, type Scope, isRatedIn, membersIn } from "@oee/model";
import { dayAt } from "../dates.ts";
import { Amounts, amountsOf, type Facts } from "../facts.ts";
import { MIN_COVERAGE, whyLeftOut } from "../measures.ts";
import type { Programme } from "../programme.ts";
import { pathAt } from "../targets.ts";
import type { Opening } from "./openings.ts";
import { type Found, type Look, runsOf } from "./runs.ts";

type KpiCondition = Extract<AlertCondition, { readonly kind: "kpi" }>;

/** The alerts of a rule in a span. `openSince` is when the alert opened that was open at the span's start. Panes that end after `facts.now` are not looked at. */
export function kpiOpenings(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  condition: KpiCondition,
  span: Period,
  openSince: number | null,
): readonly Opening[] {
  const looks = looksOf(facts, programme, scope, condition, span);
  return runsOf(looks, condition.forMs, span.from, openSince).map(({ opens, resolves }) => ({
    subject: `${scope.path}:${condition.measure}:${condition.window}@${formatInstant(opens)}`,
    reason: null,
    opens,
    resolves,
  }));
}

function* looksOf(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  condition: KpiCondition,
  span: Period,
): Generator<Look> {
  const window = facts.plant.windows.find(({ name }) => name === condition.window);
  if (window === undefined) return;
  const paneMs = window.durationMs === null ? MINUTE_MS : paneMsOf(window.durationMs);
  // Looks begin `for` before the span, and one pane earlier, since `for` may be no whole number of panes.
  const first = Math.floor((span.from - condition.forMs) / paneMs - 1) * paneMs;
  const last = Math.min(span.to, facts.now);
  for (let at = first; at <= last; at += paneMs) {
    const amounts =
      window.durationMs === null
        ? shiftAmounts(facts, scope, at)
        : // PE-3: the panes that lie whole in the window, so that never more than the window is summed.
          amountsOf(facts, scope, { from: Math.ceil((at - window.durationMs) / paneMs) * paneMs, to: at });
    yield { at, found: foundOf(facts, programme, scope, condition, amounts, at) };
  }
}

/** The amounts of the present shift of each machine that stands for the scope, from its start up to an instant. */
function shiftAmounts(facts: Facts, scope: Scope, at: number): Amounts {
  const amounts = new Amounts();
  for (const { machine } of membersIn(scope, { from: at - 1, to: at })) {
    const from = facts.shiftStart(machine, at - 1);
    if (from !== null) amounts.addMachine(facts, machine, { from, to: at });
  }
  return amounts;
}

function foundOf(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  { measure, limit: given, side, clear }: KpiCondition,
  amounts: Amounts,
  at: number,
): Found | null {
  if (measure !== "coverage" && whyLeftOut(amounts, MIN_COVERAGE) !== null) return null;
  const value = kpisOf(amounts.sums, isRatedIn(scope, { from: at - 1, to: at }))[measure];
  const limit = given === "target" ? targetAt(programme, scope, measure, at) : given;
  if (value === null || limit === null) return null;
  const beyond = side === "below" ? limit - value : value - limit;
  if (beyond > 0) return "met";
  return -beyond >= clear ? "over" : "neither";
}

function targetAt(programme: Programme, scope: Scope, measure: keyof Kpis, at: number): number | null {
  const date = dayAt(scope.timezone, at - 1);
  const target = programme.targetFor(scope, measure, date);
  return target === null ? null : pathAt(target, target.baseOf(scope), date);
}
