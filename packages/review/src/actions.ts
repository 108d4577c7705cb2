/**
 * Improvement actions (AC-1 to AC-4): their state by their dates, their effect by the method of pilots, and whether the
 * effect held 90 days later.
 */
import type { ActionState, Holds, Scope } from "@oee/model";
import { BLOCK_DAYS, type Blocks, blocksOf, type LeftOut, policyChangesAmong } from "./blocks.ts";
import { type Day, type DaySpan, dayAt } from "./dates.ts";
import type { Facts } from "./facts.ts";
import { type Measure, MIN_COVERAGE } from "./measures.ts";
import type { Invested } from "./money.ts";
import { type Effect, effectOf } from "./pilots.ts";
import { markedPolicy } from "./policies.ts";

export interface Action {
  readonly id: string;
  readonly scope: Scope;
  readonly addresses: Measure;
  readonly due: Day | null;
  readonly started: Day | null;
  readonly done: Day | null;
  readonly cancelled: Day | null;
  readonly controls: readonly Scope[];
  /** Number of blocks of seven dates that are compared before the action, and of those after it. */
  readonly weeks: number;
  readonly money: Invested;
}

export interface ActionResult {
  readonly state: ActionState;
  readonly overdue: boolean;
  /** The effect from the date on which the action was done; `null` until then. */
  readonly effect: (Effect & { readonly measuring: boolean }) | null;
  /** The effect measured from 90 days after that date. */
  readonly held: Effect | null;
  readonly holds: Holds | null;
  readonly leftOut: readonly LeftOut[];
  /** The parts in which the policy is not one over all blocks of a side (PI-2), of the later ones too; missing where there are none. */
  readonly policy?: readonly string[];
}

const HOLDS_AFTER_DAYS = 90;
const HELD_SHARE = 0.5;

/** The state of an action by those of its dates that have come (AC-1). */
export function actionState(now: number, action: Action): { readonly state: ActionState; readonly overdue: boolean } {
  const today = dayAt(action.scope.timezone, now);
  const come = (date: Day | null): boolean => date !== null && date <= today;
  const { cancelled, done, started, due } = action;
  const state = come(cancelled) ? "cancelled" : come(done) ? "done" : come(started) ? "started" : "open";
  return { state, overdue: come(due) && state !== "cancelled" && state !== "done" };
}

/** What an action has brought as of `facts.now`: its state, and once it is done its effect and whether that holds (AC-2, AC-3). */
export function actionResult(facts: Facts, action: Action): ActionResult {
  const status = actionState(facts.now, action);
  const { done } = action;
  if (done === null || status.state !== "done") {
    return { ...status, effect: null, held: null, holds: null, leftOut: [] };
  }
  const measured = measuredFrom(facts, action, done);
  const later = measuredFrom(facts, action, done + HOLDS_AFTER_DAYS);
  const effect = { ...measured.effect, measuring: !measured.blocks.complete };
  return {
    ...status,
    effect,
    held: later.blocks.after.length === 0 ? null : later.effect,
    holds: holdsOf(action.addresses, measured, later),
    leftOut: measured.blocks.leftOut,
    ...markedPolicy([...new Set([...measured.policy, ...later.policy])].toSorted()),
  };
}

/**
 * Which other actions that are done have blocks at the time of blocks of this one, on a machine that either of both changed and
 * the other measures (AC-4): the effect of one holds the other's. In the order given; none for an action that is not done.
 */
export function actionsThatOverlap(now: number, action: Action, others: Iterable<Action>): readonly Action[] {
  const isDone = (one: Action): boolean => actionState(now, one).state === "done";
  if (!isDone(action)) return [];
  return [...others].filter((other) => {
    if (other.id === action.id || !isDone(other)) return false;
    if (!blockDates(action).some((own) => blockDates(other).some(({ from, to }) => own.from < to && from < own.to)))
      return false;
    return measures(action, other.scope) || measures(other, action.scope);
  });
}

/** Whether a machine that stands for a scope is on either side of an action's comparison. */
function measures({ scope, controls }: Action, changed: Scope): boolean {
  return [scope, ...controls].some(({ members }) => members.some((machine) => changed.members.includes(machine)));
}

/** The dates of all blocks of an action that is done: before it, after it (AC-2), and those that tell whether it held (AC-3). */
function blockDates({ started, done, weeks }: Action): readonly DaySpan[] {
  if (done === null) return [];
  const days = weeks * BLOCK_DAYS;
  const before = started ?? done;
  const later = done + HOLDS_AFTER_DAYS;
  return [
    { from: before - days, to: before },
    { from: done, to: done + days },
    { from: later, to: later + days },
  ];
}

interface Measured {
  readonly blocks: Blocks;
  readonly effect: Effect;
  readonly policy: readonly string[];
}

/** The effect (AC-2) over the blocks that end when the action started, and those that begin at `afterStart`; there is no warm-up. */
function measuredFrom(facts: Facts, action: Action, afterStart: Day): Measured {
  const sides = { pilot: [action.scope], controls: action.controls };
  const blocks = blocksOf(facts, sides, {
    beforeEnd: action.started ?? (action.done as Day),
    afterStart,
    beforeMax: action.weeks,
    afterMax: action.weeks,
    minCoverage: action.addresses.needsNoCoverage ? null : MIN_COVERAGE,
  });
  const plan = { afterStart, afterMax: action.weeks, money: action.money };
  return {
    blocks,
    effect: effectOf(facts, sides, blocks, action.addresses, plan),
    policy: policyChangesAmong(facts, sides, blocks),
  };
}

/** Whether the effect held (AC-3), judged in the order of SPEC.md section 14. */
function holdsOf({ better }: Measure, first: Measured, later: Measured): Holds {
  if (!first.blocks.complete) return "measuring";
  if (first.effect.verdict === "too-little-data") return "too-little-data";
  if (first.effect.verdict !== "improved") return "no-effect-shown";
  if (!later.blocks.complete) return "measuring";
  if (later.effect.verdict === "too-little-data") return "too-little-data";
  return better * later.effect.effect >= HELD_SHARE * better * first.effect.effect ? "held" : "not-held";
}
