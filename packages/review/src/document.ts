/**
 * The results of the rules as JSON (`oee review --format json`): instants as RFC 3339 texts, dates as `yyyy-mm-dd`. Figures
 * come from the rules; none is computed here a second time.
 */
import { isWithin } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { type AlertState, formatInstant, KPI_NAMES, type Kpis, type Scope } from "@oee/model";
import { type ActionResult, actionResult } from "./actions.ts";
import { type Alert, type AlertQuestion, alertsOf } from "./alerts/alerts.ts";
import {
  type Baseline,
  baselineAmounts,
  baselineInForce,
  baselineValue,
  policyChangesIn,
  policyChangesSince,
} from "./baselines.ts";
import { type Ranking, rankingOf } from "./benchmark.ts";
import { dateText, type Day, type DaySpan, periodOf } from "./dates.ts";
import type { ActionEntry, PilotEntry, ReviewEntry, TargetEntry } from "./entries.ts";
import type { Facts } from "./facts.ts";
import { type Measure, measureNamed } from "./measures.ts";
import { type Owners, ownersOf } from "./owners.ts";
import type { NamedPeriod } from "./period-names.ts";
import { type PilotResult, pilotResult } from "./pilots.ts";
import { markedPolicy } from "./policies.ts";
import type { Programme } from "./programme.ts";
import { dataQualityOf } from "./quality.ts";
import { changeBetween, changeFrom, type Review, reviewOf, type ScopeChange } from "./review.ts";
import { scorecardRows } from "./scorecard-rows.ts";
import { type Scorecard, scorecardOf } from "./scorecard.ts";
import { ownStanding, pathAt, standingOf, targetPolicyChanges } from "./targets.ts";

/** A figure whose value in the presented review differs from that of now. */
export interface Difference {
  readonly measure: string;
  readonly presented: number | null;
  readonly now: number | null;
}

/** A baseline with its figures, and by how much these would be others now (BL-5). */
export interface BaselineDocument {
  readonly id: string;
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly effective: string;
  readonly imported: boolean;
  readonly kpis: Figures;
  readonly drift: Readonly<Record<string, number>>;
  readonly driftComponents: Readonly<Record<string, number>>;
  readonly policy?: readonly string[];
}

/**
 * `fresh`: the same baseline with the figures of now; `null`: it was imported, or is only looked at. `of`: the scope, at or
 * below its own, whose figures are wanted (BL-2); missing: its own.
 */
export function baselineDocument(
  facts: Facts,
  baseline: Baseline,
  fresh: Baseline | null,
  of?: Scope,
): BaselineDocument {
  const scope = of ?? facts.plant.scopes.get(baseline.scope);
  if (scope === undefined) throw new Error(`the plant has no scope ${baseline.scope}`);
  const kpis = kpisIn(baseline, scope);
  return {
    id: baseline.id,
    scope: baseline.scope,
    from: dateText(baseline.from),
    to: dateText(baseline.to),
    effective: dateText(baseline.effective),
    imported: baseline.figures.kind !== "computed",
    kpis,
    drift: fresh === null ? {} : driftBetween(kpis, kpisIn(fresh, scope)),
    driftComponents: fresh === null ? {} : driftBetween(componentsIn(baseline, scope), componentsIn(fresh, scope)),
    ...markedPolicy(policyChangesSince(baseline, facts.plant)),
  };
}

function kpisIn(baseline: Baseline, scope: Scope): Partial<Record<keyof Kpis, number | null>> {
  const kpis: Partial<Record<keyof Kpis, number | null>> = {};
  for (const name of KPI_NAMES) {
    const measure = measureNamed(name);
    if (measure !== null) kpis[name] = baselineValue(baseline, scope, measure);
  }
  return kpis;
}

function componentsIn(baseline: Baseline, scope: Scope): Readonly<Record<string, number>> {
  return baselineAmounts(baseline, scope)?.sums.components() ?? {};
}

export interface BaselineFiguresNow {
  readonly kpis: Partial<Record<keyof Kpis, number | null>>;
  readonly components: Readonly<Record<string, number>>;
}

/** The KPIs and components of a baseline for its own scope. */
export function baselineFigures(baseline: Baseline, scope: Scope): BaselineFiguresNow {
  return { kpis: kpisIn(baseline, scope), components: componentsIn(baseline, scope) };
}

type Figures = Readonly<Record<string, number | null>>;

/** The drift of figures of a baseline (BL-5): their value computed now less the frozen one; those without drift are left out. */
function driftBetween(frozen: Figures, now: Figures): Readonly<Record<string, number>> {
  const drift: Record<string, number> = {};
  for (const [name, before] of Object.entries(frozen)) {
    const after = now[name] ?? null;
    if (before !== null && after !== null && after !== before) drift[name] = after - before;
  }
  return drift;
}

/** A target as answers have it: how it stands as of `facts.now` (TG-3 to TG-6). Throws where it is not in force. */
export function targetDocument(facts: Facts, programme: Programme, entry: TargetEntry): object {
  const target = programme.target(entry.id);
  if (target === null) throw new Error(`target ${entry.id} is not in force`);
  const { base, goal, expected, achieved, status, over } = ownStanding(facts, entry.scope, target);
  return {
    id: entry.id,
    scope: entry.scope.path,
    measure: entry.measure.name,
    baseline: base,
    goal,
    from: Number.isFinite(target.from) ? dateText(target.from) : null,
    due: dateOrNull(target.due),
    over: over === null ? null : datesDocument(over),
    expected,
    achieved,
    status,
    ...markedPolicy(
      over === null || achieved === null || expected === null
        ? []
        : targetPolicyChanges(facts, entry.scope, target, periodOf(entry.scope.timezone, over)),
    ),
  };
}

/** The review of a period as answers have it. `entry` names it; `presented` is the review that was frozen, with which it is compared (RV-4). */
export function reviewDocument(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  named: NamedPeriod,
  entry: ReviewEntry | null,
  presented: Review | null,
): object {
  const review = reviewOf(facts, programme, scope, named);
  const whole = periodOf(scope.timezone, named);
  const baseline = baselineInForce(programme.baselines, scope, named.from);
  const actions = programme.book
    .inForce("action")
    .filter((action) => isWithin(action.scope, scope) || isWithin(scope, action.scope));
  return {
    ...(entry === null ? {} : { id: entry.id }),
    ...review,
    period: entry?.period ?? datesDocument(named),
    from: dateText(named.from),
    to: dateText(named.to),
    trend: { week: review.trend.week.map(pointDocument), month: review.trend.month.map(pointDocument) },
    scorecard: facts.part(`scorecard of ${scope.path} ${whole.from}-${whole.to}`, () =>
      scorecardDocument(scorecardOf(facts, scope, whole)),
    ),
    quality: facts.part(`quality of ${scope.path} ${whole.from}-${whole.to}`, () => dataQualityOf(facts, scope, whole)),
    actions: actions.map(({ id }) => id),
    ...markedPolicy(baseline === null ? [] : policyChangesIn(baseline, facts, whole)),
    ...(presented === null ? {} : { differences: differencesBetween(presented, review) }),
  };
}

/** The document that is presented (RV-3): the review, and of its scorecard the rows too (SC-4). */
export function presentedDocument(facts: Facts, programme: Programme, scope: Scope, named: NamedPeriod): object {
  const review = reviewDocument(facts, programme, scope, named, null, null) as { readonly scorecard: object };
  return { ...review, scorecard: { ...review.scorecard, rows: scorecardRows(facts, programme, scope, named) } };
}

/** The figures in which a presented review differs from the same review of now (RV-4), measure by measure. */
export function differencesBetween(presented: Review, now: Review): readonly Difference[] {
  return Object.keys(presented.measures).flatMap((measure) => {
    const before = presented.measures[measure]?.achieved ?? null;
    const after = now.measures[measure]?.achieved ?? null;
    return before === after ? [] : [{ measure, presented: before, now: after }];
  });
}

function pointDocument({ from, to, values, expected }: Review["trend"]["week"][number]): object {
  return { from: formatInstant(from), to: formatInstant(to), values, expected };
}

/** A pilot and its result as answers have it (PI). */
export function pilotDocument(facts: Facts, programme: Programme, entry: PilotEntry): object {
  const result: PilotResult = pilotResult(facts, programme.pilotOf(entry));
  const paths = (scopes: readonly Scope[]): readonly string[] => scopes.map(({ path }) => path);
  const later = programme.revisionsChosenLater(entry);
  return {
    ...result,
    // Who and when (PI-9).
    ...(later.length === 0
      ? {}
      : { chosenLaterBy: later.map(({ by, at }) => ({ by, at: at === null ? null : formatInstant(at) })) }),
    scopes: paths(entry.scopes),
    controls: paths(entry.controls),
  };
}

/** An action, its result and the actions whose effects overlap with it (AC). */
export function actionDocument(facts: Facts, programme: Programme, entry: ActionEntry): object {
  const result: ActionResult = actionResult(facts, programme.actionOf(entry));
  const overlaps = programme.actionsOverlapping(entry, facts.now).map(({ id }) => id);
  return {
    id: entry.id,
    scope: entry.scope.path,
    addresses: entry.addresses.name,
    ...result,
    ...(overlaps.length === 0 ? {} : { overlaps }),
    owners: ownersDocument(ownersOf(facts.plant.owners, entry.scope.path, reasonOf(entry.addresses))),
  };
}

/** The reason that an action addresses by its measure (`reason:PATH`), which may have owners of its own; `null` for other measures. */
function reasonOf({ name }: Measure): string | null {
  return name.startsWith("reason:") ? name.slice("reason:".length) : null;
}

/** A scorecard with its instants as texts (SC). */
export function scorecardDocument(scorecard: Scorecard): object {
  const { from, to, needsReason, ...others } = scorecard;
  return {
    ...others,
    from: formatInstant(from),
    to: formatInstant(to),
    needsReason: needsReason.map((row) => ({ ...row, from: formatInstant(row.from) })),
  };
}

/** The change of OEE from a period or a baseline to another period (DC); `null`: there is no decomposition. */
export function changeDocument(
  facts: Facts,
  scope: Scope,
  first: Period | Baseline,
  second: Period,
): (ScopeChange & { readonly scope: string }) | null {
  const change =
    "figures" in first ? changeFrom(first, facts, scope, second) : changeBetween(facts, scope, first, second);
  return change === null ? null : { scope: scope.path, ...change };
}

/** The ranking of the scopes of a class by a measure (BM). */
export function benchmarkDocument(
  facts: Facts,
  scopes: readonly Scope[],
  className: string,
  measure: Measure,
  period: Period,
): Ranking & { readonly class: string; readonly measure: string } {
  return { class: className, measure: measure.name, ...rankingOf(facts, scopes, measure, period) };
}

/** The alerts of a question, as of `facts.now`; `null`: all of them. */
export function alertDocuments(
  facts: Facts,
  programme: Programme,
  question: AlertQuestion | null = null,
): readonly AlertDocument[] {
  return alertsOf(facts, programme.book.inForce("acknowledgement"), question).map(alertDocument);
}

/** An alert with its instants as texts (AL). */
export function alertDocument(alert: Alert): AlertDocument {
  return {
    ticket: alert.ticket,
    rule: alert.rule,
    machine: alert.scope,
    opens: formatInstant(alert.opens),
    acknowledged: instantOrNull(alert.acknowledged),
    resolves: instantOrNull(alert.resolves),
    owners: ownersDocument(alert.owners),
    steps: alert.steps.map(({ to, at, due }) => ({ to, at: formatInstant(at), due })),
    state: alert.state,
  };
}

export interface AlertDocument {
  readonly ticket: string;
  readonly rule: string;
  /** Path of the machine, or of the scope, that the alert is about. */
  readonly machine: string;
  readonly opens: string;
  readonly acknowledged: string | null;
  readonly resolves: string | null;
  readonly owners: Owners;
  readonly steps: readonly { readonly to: string; readonly at: string; readonly due: boolean }[];
  readonly state: AlertState;
}

/** A target with its path, and how it stands in each of some periods (TG-3, TG-5). */
export function targetStandings(
  facts: Facts,
  programme: Programme,
  entry: TargetEntry,
  periods: readonly Period[],
): object {
  return facts.part(`target ${entry.id}`, () => standings(facts, programme, entry, periods));
}

function standings(facts: Facts, programme: Programme, entry: TargetEntry, periods: readonly Period[]): object {
  const target = programme.target(entry.id);
  if (target === null) throw new Error(`target ${entry.id} is not in force`);
  const base = target.baseOf(entry.scope);
  const { due, over } = target;
  const turns = due === null || !Number.isFinite(target.from) ? [] : [target.from, due - over, due - 1];
  // Most targets have one policy from their baseline on: only of others is each period asked for.
  const [first, last] = [periods[0], periods.at(-1)];
  const changesIn = (period: Period): readonly string[] => targetPolicyChanges(facts, entry.scope, target, period);
  const changes = first === undefined || last === undefined ? [] : changesIn({ from: first.from, to: last.to });
  return {
    ...targetDocument(facts, programme, entry),
    path: turns.map((date) => ({ date: dateText(date), value: pathAt(target, base, date) })),
    periods: periods.map((period) => {
      const { expected, achieved, status } = standingOf(facts, entry.scope, target, period);
      const inProgress = period.from < facts.now && facts.now < period.to;
      const [from, to] = [formatInstant(period.from), formatInstant(period.to)];
      const isCompared = achieved !== null && expected !== null && changes.length > 0;
      return { from, to, expected, achieved, status, inProgress, ...markedPolicy(isCompared ? changesIn(period) : []) };
    }),
  };
}

function ownersDocument(owners: Owners): Owners {
  const { responsible, accountable, consulted, informed } = owners;
  return { responsible, accountable, consulted, informed };
}

function datesDocument({ from, to }: DaySpan): readonly [string, string] {
  return [dateText(from), dateText(to)];
}

function dateOrNull(day: Day | null): string | null {
  return day === null ? null : dateText(day);
}

function instantOrNull(instant: number | null): string | null {
  return instant === null ? null : formatInstant(instant);
}
