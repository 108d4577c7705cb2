/**
 * One look at the facts for the board of alerts: which conditions are met, and which alerts that it does not find it would
 * have found. Many looks, each over a short time, give the alerts that one look over all of the time gives.
 */
import { DAY_MS } from "@oee/calendar";
import { type AlertKind, membersIn, type Scope } from "@oee/model";
import type { Facts } from "../facts.ts";
import type { Programme } from "../programme.ts";
import { isOfMachine, machinesMet, type Met, parseTicket, scopesMet, stillMet } from "./alerts.ts";
import type { AlertBoard, KnownMet } from "./board.ts";
import type { P95Of } from "./late.ts";

export interface AlertLook {
  /** Alerts that opened at this instant or later are looked for (epoch ms). */
  readonly from: number;
  /** Stops that ended more than this before `from` (ms) are not looked at. */
  readonly lookBackMs: number;
  /** Alerts of these kinds are looked for. */
  readonly kinds: ReadonlySet<AlertKind>;
  readonly programme: Programme;
  readonly p95Of: P95Of;
  /**
   * Whether what is known of a machine, by its id, reaches up to now; `null`: no worker has spoken of it yet. Where it does not, its
   * alerts, and those of the scopes that it stands for, stay as they are. Events that are not computed yet would pass for a silence, a
   * stop that has ended for one that lasts, and a window without its newest time for a whole one.
   */
  readonly isKnownToNow: (machine: string) => boolean | null;
}

/** A machine that no worker has spoken of, and without events for so long, counts as one without events. */
const UNHEARD_MS = 7 * DAY_MS;

/** The conditions that are met, for `AlertBoard.take`. It changes nothing, so that it can be repeated where facts are loaded in parts. */
export function metNow(board: AlertBoard, facts: Facts, look: AlertLook): ReturnType<typeof machinesMet> {
  const { from, lookBackMs, kinds, programme, p95Of, isKnownToNow } = look;
  const isKnown = (of: Scope): boolean => isKnownOf(of, facts, look);
  const scope = facts.plant.scopes.get("*");
  if (scope === undefined) throw new Error("the plant has no scope *");
  const period = { from, to: facts.now + 1 };
  const unresolved = board.unresolved().filter(({ kind }) => kinds.has(kind));
  const before = board.all().filter(({ withdrawn }) => withdrawn === null);
  return [
    ...machinesMet(facts, { scope, period, lookBackMs, unresolved }).filter(
      ({ kind, scope: machine }) => kinds.has(kind) && isKnownToNow(machine) === true,
    ),
    ...scopesMet(facts, { programme, p95Of, before, isKnown }, period, kinds),
  ];
}

/** Whether all machines that stand for a scope are known up to now. Workers do not speak of a machine without events, which lacks nothing. */
function isKnownOf(scope: Scope, facts: Facts, { isKnownToNow }: AlertLook): boolean {
  const { now } = facts;
  return membersIn(scope, { from: now - 1, to: now }).every(
    ({ machine }) => isKnownToNow(machine.id) ?? !facts.isSeen(machine, { from: now - UNHEARD_MS, to: now }),
  );
}

/** Whether a look would have found a known alert if its condition were still met: not found, the alert is withdrawn. */
export function wasLookedFor(look: AlertLook, known: KnownMet, facts: Facts): boolean {
  const { from, lookBackMs, kinds, isKnownToNow } = look;
  const { kind, scope, opens, resolves, rule, ticket } = known;
  // A rule that the plant file lost, or whose kind it changed, has no alerts any more.
  if (!facts.plant.alerts.some(({ id, condition }) => id === rule && condition.kind === kind)) return true;
  if (!kinds.has(kind)) return false;
  if (!isOfMachine(kind)) {
    const of = facts.plant.scopes.get(scope);
    return (kind === "late" || of === undefined || isKnownOf(of, facts, look)) && (opens >= from || resolves === null);
  }
  if (isKnownToNow(scope) !== true) return false;
  return (opens >= from || resolves === null) && (parseTicket(ticket)?.at ?? 0) >= from - lookBackMs;
}

/** Alerts of machines that are not resolved, and whose stop or silence began before an instant (epoch ms): looks that go back to there do not find them. */
export function longUnresolved(board: AlertBoard, before: number): readonly KnownMet[] {
  return board
    .unresolved()
    .filter(({ kind, ticket }) => isOfMachine(kind) && (parseTicket(ticket)?.at ?? before) < before);
}

/** Of some known alerts of machines, those whose condition is met as far as is known now, for `AlertBoard.take`: the others are to be withdrawn. */
export function metStill(facts: Facts, known: readonly KnownMet[]): readonly Met[] {
  return known.flatMap((met) => stillMet(facts, met));
}
