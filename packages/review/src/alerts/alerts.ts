/**
 * Alerts (AL-1 to AL-3): which rule of the plant file was met, by which machine or scope, from when until when, who owns
 * the alert, and which roles get it at which step. Alerts are a function of facts, entries and now alone, so that a replay
 * gives the alerts that were given live.
 */
import { CalendarClock, DAY_MS, type Period } from "@oee/calendar";
import {
  type AlertKind,
  type AlertRule,
  type AlertState,
  type Calendar,
  compareCodePoints,
  type Machine,
  parseInstant,
  type Plant,
  type Zone,
  machinePath,
  scopeAt,
  machinesIn,
  type MachineSpan,
  type Scope,
} from "@oee/model";
import type { AcknowledgementEntry } from "../entries.ts";
import type { Facts } from "../facts.ts";
import { type Owners, ownersOf } from "../owners.ts";
import type { Programme } from "../programme.ts";
import { behindOpenings } from "./behind.ts";
import { kpiOpenings } from "./kpi.ts";
import { lateOpenings, type P95Of } from "./late.ts";
import { grouped, noReasonOpenings, type Opening, silentOpenings, stopOpenings } from "./openings.ts";

export interface AlertStep {
  /** The step's place in the rule's chain, from 0. */
  readonly number: number;
  /** Whom the step goes to: a role, or a part of OW-1 (such as `accountable`) that some role has. */
  readonly to: string;
  readonly at: number;
  /** Whether its instant has come, and the alert was neither acknowledged nor resolved by then. */
  readonly due: boolean;
}

export interface Alert {
  /** `RULE/SUBJECT`, the alert's identity: a condition that is computed twice gives one alert. */
  readonly ticket: string;
  readonly rule: string;
  readonly kind: AlertKind;
  /** Path of the machine, or of the scope, that the alert is about. */
  readonly scope: string;
  readonly opens: number;
  readonly acknowledged: number | null;
  readonly resolves: number | null;
  readonly owners: Owners;
  readonly steps: readonly AlertStep[];
  readonly state: AlertState;
}

/** A rule's condition that was met, without the acknowledgements of people. */
export interface Met extends Opening {
  readonly ticket: string;
  readonly rule: string;
  readonly kind: AlertKind;
  readonly scope: string;
}

/** Which alerts of machines are asked for. */
export interface AlertQuestion {
  /** Alerts of machines at or below this scope. */
  readonly scope: Scope;
  /** Alerts that opened in this period. */
  readonly period: Period;
  /** Alerts of stops that ended more than this before the period (ms) may be missing; 7 days where it is not given. */
  readonly lookBackMs?: number;
  /** Known alerts that are not resolved; they are given too, though they opened before the period. */
  readonly unresolved?: readonly Met[];
}

const MACHINE_KINDS = ["stop", "no-reason", "silent"] as const;
const ALWAYS: Period = { from: -Infinity, to: Infinity };
const LOOK_BACK_MS = 7 * 24 * 3_600_000;

/** Alerts of machines (`stop`, `no-reason`, `silent`) that have opened by now, in order of opening and ticket. */
export function alertsOf(
  facts: Facts,
  acknowledgements: readonly AcknowledgementEntry[],
  question: AlertQuestion | null = null,
): readonly Alert[] {
  const saidTo = bySubject(acknowledgements);
  return byOpening(
    machinesMet(facts, question).map((met) => alertFrom(facts.plant, met, saidTo.get(met.ticket) ?? [], facts.now)),
  );
}

/** Acknowledgements by the ticket of their alert. */
export function bySubject(
  acknowledgements: readonly AcknowledgementEntry[],
): ReadonlyMap<string, readonly AcknowledgementEntry[]> {
  return grouped(acknowledgements, ({ alert }) => alert);
}

/** Alerts in the order in which they opened, those of one instant by ticket. */
export function byOpening<T extends Pick<Alert, "opens" | "ticket">>(alerts: Iterable<T>): readonly T[] {
  return [...alerts].sort((a, b) => a.opens - b.opens || compareCodePoints(a.ticket, b.ticket));
}

/** The conditions of machines (`stop`, `no-reason`, `silent`) that were met by now. */
export function machinesMet(facts: Facts, question: AlertQuestion | null): readonly Met[] {
  const asked = question === null ? null : new Set(question.scope.machines);
  const { from, to } = question?.period ?? ALWAYS;
  // Stops are read beyond the period's end, for an alert that opened in it has the end that its stop had later.
  const span = { from: from - (question?.lookBackMs ?? LOOK_BACK_MS), to: Infinity };
  const unresolved = new Map((question?.unresolved ?? []).map((met) => [met.ticket, met]));
  return facts.plant.alerts.flatMap((rule) =>
    machinesBelow(facts.plant.scopes.get(rule.scope))
      .filter(({ machine }) => asked?.has(machine) !== false)
      .flatMap(({ machine, period }) =>
        machineOpenings(facts, rule, machine, span, silentSince(rule, machine, unresolved)).filter(
          // A machine has alerts only while the plant has it (DI-3): one that was removed is not silent.
          ({ opens }) => opens >= period.from && opens < period.to,
        ),
      )
      .filter(({ ticket, opens }) => opens <= facts.now && opens < to && (opens >= from || unresolved.has(ticket))),
  );
}

function machinesBelow(scope: Scope | undefined): readonly MachineSpan[] {
  return scope === undefined ? [] : machinesIn(scope, { from: -Infinity, to: Infinity });
}

/** When the earliest unresolved `silent` alert of a machine begins (epoch ms); `Infinity`: there is none. */
function silentSince(rule: AlertRule, machine: Machine, unresolved: ReadonlyMap<string, Met>): number {
  let since = Infinity;
  if (rule.condition.kind !== "silent") return since;
  for (const { ticket, rule: id } of unresolved.values()) {
    const subject = parseTicket(ticket);
    if (id === rule.id && subject?.machine === machine.id) since = Math.min(since, subject.at);
  }
  return since;
}

/** The condition of a known alert of a machine as it is known now; none where it was not met after all. */
export function stillMet(facts: Facts, { rule: id, ticket }: Met): readonly Met[] {
  const rule = facts.plant.alerts.find((known) => known.id === id);
  const subject = parseTicket(ticket);
  const spans = machinesBelow(facts.plant.scopes.get(rule?.scope ?? "")).filter(
    ({ machine }) => machine.id === subject?.machine,
  );
  const [first] = spans;
  if (rule === undefined || subject === null || first === undefined) return [];
  // Whole days of UTC, so that alerts of many machines are asked for together. A stop is read to its end.
  const day = Math.floor(subject.at / DAY_MS) * DAY_MS;
  const span = { from: day, to: rule.condition.kind === "stop" ? Infinity : day + DAY_MS };
  return machineOpenings(facts, rule, first.machine, span, Infinity, subject.at).filter(
    ({ ticket: found, opens }) =>
      found === ticket && opens <= facts.now && spans.some(({ period }) => opens >= period.from && opens < period.to),
  );
}

/** `of`: the start of the segment, stop or silence that is asked about; `null`: all. */
function machineOpenings(
  facts: Facts,
  rule: AlertRule,
  machine: Machine,
  span: Period,
  since: number,
  of: number | null = null,
): readonly Met[] {
  const { condition } = rule;
  const all = (openings: readonly Opening[]): readonly Met[] => openings.map((one) => metOf(rule, machine.id, one));
  switch (condition.kind) {
    case "stop":
      return all(stopOpenings(facts, machine, span, condition.forMs, condition.reason));
    case "no-reason":
      return all(noReasonOpenings(facts, machine, span, condition.forMs, of));
    case "silent":
      return all(silentOpenings(facts, machine, { from: Math.min(span.from, since), to: span.to }, condition.forMs));
    case "kpi":
    case "late":
    case "behind":
      return [];
  }
}

/** What the conditions of scopes are computed from, besides facts. */
export interface ScopeSources {
  readonly programme: Programme;
  readonly p95Of: P95Of;
  /** Conditions met before the period: of `kpi` and `late` those open at its start, of `behind` also resolved ones (AL-2). */
  readonly before: readonly Met[];
  /** Whether what is known of a scope's machines reaches up to now; of others no `kpi` and `behind` is said. Latencies are counted as events arrive. */
  readonly isKnown: (scope: Scope) => boolean;
}

/** The conditions of scopes (`kpi`, `late`, `behind`) that were met in a period, or were open at its start. The period must have an end. */
export function scopesMet(
  facts: Facts,
  { programme, p95Of, before, isKnown }: ScopeSources,
  period: Period,
  kinds: ReadonlySet<AlertKind>,
): readonly Met[] {
  return facts.plant.alerts.flatMap((rule) => {
    const scope = facts.plant.scopes.get(rule.scope);
    const { condition } = rule;
    if (scope === undefined || !kinds.has(condition.kind)) return [];
    const own = before.filter((met) => met.rule === rule.id && met.opens < period.from);
    const openSince = own.find(({ resolves }) => resolves === null || resolves >= period.from)?.opens ?? null;
    switch (condition.kind) {
      case "kpi":
        if (!isKnown(scope)) return [];
        return kpiOpenings(facts, programme, scope, condition, period, openSince).map((one) =>
          metOf(rule, scope.path, one),
        );
      case "late":
        return lateOpenings(p95Of, facts.now, scope, condition, period, openSince).map((one) =>
          metOf(rule, scope.path, one),
        );
      case "behind":
        return programme.book.inForce("target").flatMap((entry) => {
          const target = programme.target(entry.id);
          if (target === null || !isBelow(entry.scope, scope) || !isKnown(entry.scope)) return [];
          const ticket = ticketOf(rule, target.id);
          const known = own.find((met) => met.ticket === ticket) ?? null;
          return behindOpenings(facts, entry.scope, target, condition.dates, period, known).map((one) =>
            metOf(rule, entry.scope.path, one),
          );
        });
      case "stop":
      case "no-reason":
      case "silent":
        return [];
    }
  });
}

function isBelow(scope: Scope, above: Scope): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) if (at === above) return true;
  return false;
}

function metOf(rule: AlertRule, scope: string, opening: Opening): Met {
  return { ...opening, ticket: ticketOf(rule, opening.subject), rule: rule.id, kind: rule.condition.kind, scope };
}

function ticketOf({ id }: AlertRule, subject: string): string {
  return `${id}/${subject}`;
}

/** The rule, machine and instant of a ticket of a `stop`, `no-reason` or `silent` alert; `null`: it is no such ticket. */
export function parseTicket(
  ticket: string,
): { readonly rule: string; readonly machine: string; readonly at: number } | null {
  const [, rule, machine, instant] = /^([^/]+)\/([^@:]+)@(.+)$/.exec(ticket) ?? [];
  const at = instant === undefined ? null : parseInstant(instant);
  return rule === undefined || machine === undefined || at === null ? null : { rule, machine, at };
}

/** The alert of a condition that was met, with its acknowledgements and steps as of `now` (AL-2, AL-3). It has no steps where the plant file lost its rule. */
export function alertFrom(
  plant: Plant,
  { ticket, rule: id, kind, scope: of, reason, opens, resolves }: Met,
  acknowledgements: readonly AcknowledgementEntry[],
  now: number,
): Alert {
  const scope = machinePath(plant, of);
  const notBefore = (at: number | null): number => Math.max(opens, at ?? opens);
  const acknowledged = earliest(acknowledgements.map(({ at }) => notBefore(at)));
  const byPeople = earliest(acknowledgements.filter((given) => given.resolved).map(({ at }) => notBefore(at)));
  const over = earliest([resolves, byPeople].filter((at) => at !== null));
  const answered = earliest([acknowledged, over].filter((at) => at !== null));
  const owners = ownersOf(plant.owners, scope, reason);
  const rule = plant.alerts.find((known) => known.id === id);
  const zone = scopeAt(plant, scope)?.timezone;
  const has = (at: number | null): boolean => at !== null && at <= now;
  return {
    ticket,
    rule: id,
    kind,
    scope,
    opens,
    acknowledged: has(acknowledged) ? acknowledged : null,
    resolves: has(over) ? over : null,
    owners,
    steps: rule === undefined || zone === undefined ? [] : stepsOf(now, rule, zone, opens, owners, answered),
    state: has(over) ? "resolved" : has(acknowledged) ? "acknowledged" : "open",
  };
}

/** AL-3: steps that fall outside the rule's calendar are due when its scheduled time begins next. */
function stepsOf(
  now: number,
  { chain, calendar, urgent }: AlertRule,
  zone: Zone,
  opens: number,
  owners: Owners,
  answeredAt: number | null,
): readonly AlertStep[] {
  const clock = calendar === null || urgent ? null : clockOf(calendar, zone);
  return chain.flatMap(({ afterMs, to }, number) => {
    if (!isHeld(owners, to)) return [];
    const wished = opens + afterMs;
    const at = clock === null ? wished : clock.firstScheduled(wished, wished + LOOK_AHEAD_MS);
    if (at === null) return [];
    return [{ number, to, at, due: at <= now && (answeredAt === null || answeredAt > at) }];
  });
}

const clocks = new WeakMap<Calendar, Map<Zone, CalendarClock>>();

function clockOf(calendar: Calendar, zone: Zone): CalendarClock {
  let own = clocks.get(calendar);
  if (own === undefined) clocks.set(calendar, (own = new Map()));
  let clock = own.get(zone);
  if (clock === undefined) own.set(zone, (clock = new CalendarClock(calendar, zone)));
  return clock;
}

/** A calendar without scheduled time in the next 400 days counts as one without any. */
const LOOK_AHEAD_MS = 400 * 24 * 3_600_000;

/** Whether any role gets a step; a part of OW-1 that no role has leaves the step out (SPEC.md section 14). */
function isHeld(owners: Owners, to: string): boolean {
  return rolesOf(owners, to).length > 0;
}

/** The roles that get a step: those that have the part of OW-1 that it names, or the role itself that it names. */
export function rolesOf(owners: Owners, to: string): readonly string[] {
  if (to === "accountable") return owners.accountable === null ? [] : [owners.accountable];
  if (to === "responsible" || to === "consulted" || to === "informed") return owners[to];
  return [to];
}

/** Whether an alert is about one machine. */
export function isOfMachine(kind: AlertKind): boolean {
  return (MACHINE_KINDS as readonly AlertKind[]).includes(kind);
}

function earliest(instants: readonly number[]): number | null {
  return instants.length === 0 ? null : Math.min(...instants);
}
