/**
 * Alerts from the record (AL-1 to AL-3), of the kinds that need neither windows nor arrival times: `stop`, `no-reason` and
 * `silent`. Their conditions are functions of event time, so that a replay gives the alerts that were given live.
 */
import { CalendarClock, type Period } from "@oee/calendar";
import {
  type AlertRule,
  type AlertState,
  compareCodePoints,
  formatInstant,
  type Machine,
  parseInstant,
  type Scope,
  type StopSegment,
} from "@oee/model";
import type { AcknowledgementEntry } from "./entries.ts";
import type { Facts } from "./facts.ts";
import { isAtOrBelow } from "./measures.ts";
import { type Owners, ownersOf } from "./owners.ts";
import { segmentsThatNeedReason } from "./reasons.ts";

export interface AlertStep {
  /** A role, or a letter of OW-1 that somebody holds. */
  readonly to: string;
  readonly at: number;
  /** Whether it has come, and nobody had acknowledged or resolved the alert by then. */
  readonly due: boolean;
}

export interface Alert {
  /** `RULE/SUBJECT`: what is computed twice makes no second one. */
  readonly ticket: string;
  readonly rule: string;
  readonly machine: string;
  readonly opens: number;
  readonly acknowledged: number | null;
  readonly resolves: number | null;
  readonly owners: Owners;
  readonly steps: readonly AlertStep[];
  readonly state: AlertState;
}

/** A condition that was met: of what, from when, and until when. */
interface Opening {
  readonly subject: string;
  readonly reason: string | null;
  readonly opens: number;
  readonly resolves: number | null;
}

/** What is asked of alerts; without it all that there are. */
export interface AlertQuestion {
  /** Those of machines below it. */
  readonly scope: Scope;
  /** Those that opened in it; stops that began longer before it than `LOOK_BACK_MS` may be missing. */
  readonly period: Period;
}

const ALWAYS: Period = { from: -Infinity, to: Infinity };
const LOOK_BACK_MS = 7 * 24 * 3_600_000;

/** All alerts that have opened by now, in order of opening and ticket. */
export function alertsOf(
  facts: Facts,
  acknowledgements: readonly AcknowledgementEntry[],
  question: AlertQuestion | null = null,
): readonly Alert[] {
  const byTicket = grouped(acknowledgements, ({ alert }) => alert);
  const asked = question === null ? null : new Set(question.scope.machines);
  const { from, to } = question?.period ?? ALWAYS;
  // What became of them later belongs to them.
  const span = { from: from - LOOK_BACK_MS, to: Infinity };
  const alerts = facts.plant.alerts.flatMap((rule) =>
    (facts.plant.scopes.get(rule.scope)?.machines ?? []).flatMap((machine) =>
      (asked?.has(machine) === false ? [] : openingsOf(facts, rule, machine, span))
        .filter(({ opens }) => opens <= facts.now && opens >= from && opens < to)
        .map((opening) =>
          alertFrom(facts, rule, machine, opening, byTicket.get(`${rule.id}/${opening.subject}`) ?? []),
        ),
    ),
  );
  return alerts.sort((a, b) => a.opens - b.opens || compareCodePoints(a.ticket, b.ticket));
}

function openingsOf(facts: Facts, { condition }: AlertRule, machine: Machine, span: Period): readonly Opening[] {
  switch (condition.kind) {
    case "stop":
      return stopOpenings(facts, machine, span, condition.forMs, condition.reason);
    case "no-reason":
      return noReasonOpenings(facts, machine, span, condition.forMs);
    case "silent":
      return silentOpenings(facts, machine, span, condition.forMs);
    case "kpi":
    case "late":
    case "behind":
      return [];
  }
}

/** What a ticket of `stop`, `no-reason` or `silent` names; `null`: it is none. */
export function parseTicket(
  ticket: string,
): { readonly rule: string; readonly machine: string; readonly at: number } | null {
  const [, rule, machine, instant] = /^([^/]+)\/([^@]+)@(.+)$/.exec(ticket) ?? [];
  const at = instant === undefined ? null : parseInstant(instant);
  return rule === undefined || machine === undefined || at === null ? null : { rule, machine, at };
}

function subjectOf(machine: Machine, instant: number): string {
  return `${machine.id}@${formatInstant(instant)}`;
}

/** Stops that are not minor, each by its segments. A stop is one only from the instant at which it is no longer minor. */
function stopsOf(facts: Facts, machine: Machine, span: Period): readonly (readonly StopSegment[])[] {
  const all = facts.segmentsOf(machine, span).map(({ segment }) => segment);
  return [...grouped(all, ({ stop }) => stop).values()].filter(([first]) => first?.minor === false);
}

function stopOpenings(facts: Facts, machine: Machine, span: Period, forMs: number, reason: string | null): Opening[] {
  return stopsOf(facts, machine, span).flatMap((segments) => {
    const [first, last] = [segments[0] as StopSegment, segments.at(-1) as StopSegment];
    const reached = facts.afterScheduled(machine, first.from, Math.max(forMs, machine.minorStopThresholdMs));
    if (reached > last.to) return [];
    const fits = segments.find(
      (segment) =>
        (segment.to > reached || segment === last) &&
        (reason === null || (segment.reason !== null && isAtOrBelow(segment.reason, reason))),
    );
    if (fits === undefined) return [];
    return [
      {
        subject: subjectOf(machine, first.from),
        reason: fits.reason,
        opens: Math.max(reached, fits.from),
        resolves: last.open ? null : last.to,
      },
    ];
  });
}

function noReasonOpenings(facts: Facts, machine: Machine, span: Period, forMs: number): Opening[] {
  const starts = new Map(
    stopsOf(facts, machine, span).map((segments) => [segments[0]?.stop, segments[0] as StopSegment]),
  );
  return segmentsThatNeedReason(facts, machine, span).flatMap(({ segment, lacks }) => {
    const start = starts.get(segment.stop)?.from ?? segment.from;
    const needed = facts.afterScheduled(machine, start, Math.max(machine.minorStopThresholdMs, machine.reasonAfterMs));
    const opens = facts.afterScheduled(machine, Math.max(segment.from, needed), forMs);
    const given = lacks ? null : facts.reasonGivenAt(machine, segment);
    if (given !== null && given <= opens) return [];
    return [{ subject: subjectOf(machine, segment.from), reason: segment.reason, opens, resolves: given }];
  });
}

function silentOpenings(facts: Facts, machine: Machine, span: Period, forMs: number): Opening[] {
  const instants = facts.instantsOf(machine, span);
  const openings: Opening[] = [];
  for (let i = 0; i < instants.length; i++) {
    const at = instants[i] as number;
    const next = instants[i + 1] ?? Infinity;
    // Scheduled time is never longer than elapsed time: most pairs of events need no look at the calendar.
    if (next - at <= forMs) continue;
    const opens = facts.afterScheduled(machine, at, forMs);
    if (opens >= next) continue;
    const resolves = next === Infinity ? null : next;
    openings.push({ subject: subjectOf(machine, at), reason: null, opens, resolves });
  }
  return openings;
}

function alertFrom(
  facts: Facts,
  rule: AlertRule,
  machine: Machine,
  { subject, reason, opens, resolves }: Opening,
  acknowledgements: readonly AcknowledgementEntry[],
): Alert {
  const notBefore = (at: number | null): number => Math.max(opens, at ?? opens);
  const acknowledged = earliest(acknowledgements.map(({ at }) => notBefore(at)));
  const byPeople = earliest(acknowledgements.filter((given) => given.resolved).map(({ at }) => notBefore(at)));
  const over = earliest([resolves, byPeople].filter((at) => at !== null));
  const owners = ownersOf(facts.plant.owners, machine.id, reason);
  const has = (at: number | null): boolean => at !== null && at <= facts.now;
  return {
    ticket: `${rule.id}/${subject}`,
    rule: rule.id,
    machine: machine.id,
    opens,
    acknowledged: has(acknowledged) ? acknowledged : null,
    resolves: has(over) ? over : null,
    owners,
    steps: stepsOf(facts.now, rule, machine, opens, owners, earliest([acknowledged, over].filter((at) => at !== null))),
    state: has(over) ? "resolved" : has(acknowledged) ? "acknowledged" : "open",
  };
}

/** AL-3: steps that fall outside the rule's calendar are due when its scheduled time begins next. */
function stepsOf(
  now: number,
  { chain, calendar, urgent }: AlertRule,
  machine: Machine,
  opens: number,
  owners: Owners,
  answeredAt: number | null,
): readonly AlertStep[] {
  const clock = calendar === null || urgent ? null : new CalendarClock(calendar, machine.timezone);
  return chain.flatMap(({ afterMs, to }) => {
    if (!isHeld(owners, to)) return [];
    const wished = opens + afterMs;
    const at = clock === null ? wished : clock.firstScheduled(wished, wished + LOOK_AHEAD_MS);
    if (at === null) return [];
    return [{ to, at, due: at <= now && (answeredAt === null || answeredAt > at) }];
  });
}

/** A calendar without scheduled time for so long has none. */
const LOOK_AHEAD_MS = 400 * 24 * 3_600_000;

/** A letter that nobody holds leaves its step out (review.md section 14). */
function isHeld(owners: Owners, to: string): boolean {
  if (to === "accountable") return owners.accountable !== null;
  if (to === "responsible" || to === "consulted" || to === "informed") return owners[to].length > 0;
  return true;
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function earliest(instants: readonly number[]): number | null {
  return instants.length === 0 ? null : Math.min(...instants);
}
