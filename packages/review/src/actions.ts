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

/** The dates over which the effect of an action is measured, for AC-4; `null` where it has no date on which it was done. */
export function actionDates(action: Action): DaySpan | null {
  const { started, done, weeks } = action;
  if (done === null) return null;
  return { from: (started ?? done) - weeks * BLOCK_DAYS, to: done + weeks * BLOCK_DAYS };
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
    minCoverage: MIN_COVERAGE,
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
