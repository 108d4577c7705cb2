/**
 * One look at what is known: which alerts there are, which are over, which are none after all. Looks that follow one another
 * closely, each over a short time, give what one look over all of it gives.
 */
import type { AlertKind } from "@oee/model";
import type { Facts } from "../facts.ts";
import type { Programme } from "../programme.ts";
import { isOfMachine, machinesMet, parseTicket, scopesMet } from "./alerts.ts";
import type { AlertBoard, KnownMet } from "./board.ts";
import type { P95Of } from "./late.ts";

export interface AlertLook {
  /** What opened at or after it is looked for anew (epoch ms). */
  readonly from: number;
  /** Stops that ended longer before `from` are not looked at. */
  readonly lookBackMs: number;
  /** The kinds that are looked for. */
  readonly kinds: ReadonlySet<AlertKind>;
  readonly programme: Programme;
  readonly p95Of: P95Of;
}

/** What is met, for `AlertBoard.take`. Asks facts alone, so that it may be asked again. */
export function metNow(board: AlertBoard, facts: Facts, look: AlertLook): ReturnType<typeof machinesMet> {
  const { from, lookBackMs, kinds, programme, p95Of } = look;
  const scope = facts.plant.scopes.get("*");
  if (scope === undefined) throw new Error("the plant has no scope *");
  const period = { from, to: facts.now + 1 };
  const unresolved = board.unresolved().filter(({ kind }) => kinds.has(kind));
  const before = board.all().filter(({ withdrawn }) => withdrawn === null);
  return [
    ...machinesMet(facts, { scope, period, lookBackMs, unresolved }).filter(({ kind }) => kinds.has(kind)),
    ...scopesMet(facts, { programme, p95Of, before }, period, kinds),
  ];
}

/** Whether a look would have found an alert, so that it is none if it was not found. */
export function wasLookedFor(look: AlertLook, known: KnownMet, facts: Facts): boolean {
  const { from, lookBackMs, kinds } = look;
  const { kind, opens, resolves, rule, ticket } = known;
  // A rule that there is no more, or that means another thing, has no alerts.
  if (!facts.plant.alerts.some(({ id, condition }) => id === rule && condition.kind === kind)) return true;
  if (!kinds.has(kind)) return false;
  if (!isOfMachine(kind)) return opens >= from || resolves === null;
  return opens >= from && (parseTicket(ticket)?.at ?? 0) >= from - lookBackMs;
}
