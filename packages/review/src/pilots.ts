/**
 * Pilots (PI): the effect of a change on some lines, compared with lines that did not change. Actions use the same method.
 */
import type { Amount } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { type Zone, membersIn, type Machine, type Scope } from "@oee/model";
import {
  BLOCK_DAYS,
  type Blocks,
  blocksOf,
  isRated,
  type LeftOut,
  policyChangesAmong,
  type Sides,
  zoneOf,
} from "./blocks.ts";
import { type Day, periodOf, startOf } from "./dates.ts";
import { detectable, type Estimate, estimate, placeboEffect } from "./estimate.ts";
import type { Facts } from "./facts.ts";
import type { Measure } from "./measures.ts";
import { type Invested, pricedTime, type Return, returnOf, yearOf } from "./money.ts";
import { markedPolicy } from "./policies.ts";

/** Money of an effect (CS-2 to CS-4), in the plant's currency; `ends` are the two ends of the interval, the lower first. */
export interface Money extends Return {
  readonly saving: Amount | null;
  readonly low: Amount | null;
  readonly high: Amount | null;
  readonly ends: readonly [Return, Return];
}

export interface TooLittleData {
  readonly verdict: "too-little-data";
  readonly blocks: readonly [number, number];
  readonly detectable: number | null;
  readonly money: null;
}

export interface MeasuredEffect extends Estimate {
  readonly detectable: number | null;
  readonly placebo: Readonly<Record<string, number>>;
  /** Money of the effect; `null` for measures that have no price. */
  readonly money: Money | null;
}

export type Effect = TooLittleData | MeasuredEffect;

export interface Pilot {
  readonly id: string;
  readonly scopes: readonly Scope[];
  readonly controls: readonly Scope[];
  readonly start: Day;
  readonly warmUp: number;
  readonly before: number;
  readonly after: number;
  readonly minCoverage: number;
  readonly measures: readonly Measure[];
  readonly money: Invested;
  /** Whether the pilot was entered, or its scopes, controls, dates or measures were changed, at or after `start` (PI-9). */
  readonly chosenLater: boolean;
}

export interface PilotResult {
  readonly id: string;
  readonly leftOut: readonly LeftOut[];
  readonly measures: Readonly<Record<string, Effect>>;
  /** The verdict of the first measure. */
  readonly verdict: string;
  readonly interim: boolean;
  readonly chosenLater: boolean;
  /** The parts in which the policy is not one over all blocks of a side (PI-2); missing where there are none. */
  readonly policy?: readonly string[];
}

/** The effect of a pilot on each of its measures as of `facts.now` (PI-1 to PI-10). Blocks that are not over yet are left out, and the result is `interim`. */
export function pilotResult(facts: Facts, pilot: Pilot): PilotResult {
  const sides = { pilot: pilot.scopes, controls: pilot.controls };
  const plan = {
    beforeEnd: pilot.start,
    afterStart: pilot.start + pilot.warmUp,
    beforeMax: pilot.before,
    afterMax: pilot.after,
  };
  const made = new Map<number | null, Blocks>();
  const blocksWith = (minCoverage: number | null): Blocks => {
    const blocks = made.get(minCoverage) ?? blocksOf(facts, sides, { ...plan, minCoverage });
    made.set(minCoverage, blocks);
    return blocks;
  };
  // PI-2: for a measure that counts whatever the coverage (ME-4) all blocks count.
  const blocksFor = ({ needsNoCoverage }: Measure): Blocks => blocksWith(needsNoCoverage ? null : pilot.minCoverage);
  const measures: Record<string, Effect> = {};
  for (const measure of pilot.measures) {
    measures[measure.name] = effectOf(facts, sides, blocksFor(measure), measure, {
      afterStart: plan.afterStart,
      afterMax: pilot.after,
      money: pilot.money,
    });
  }
  const [first] = pilot.measures;
  const blocks = blocksWith(pilot.measures.every(({ needsNoCoverage }) => needsNoCoverage) ? null : pilot.minCoverage);
  return {
    id: pilot.id,
    leftOut: blocks.leftOut,
    measures,
    verdict: first === undefined ? "too-little-data" : (measures[first.name]?.verdict ?? "too-little-data"),
    interim: !blocks.complete,
    chosenLater: pilot.chosenLater,
    ...markedPolicy(policyChangesAmong(facts, sides, blocks)),
  };
}

export interface EffectPlan {
  readonly afterStart: Day;
  readonly afterMax: number;
  readonly money: Invested;
}

/** A measure's effect over some blocks, with the smallest effect that could have been shown, placebos and money. */
export function effectOf(facts: Facts, sides: Sides, blocks: Blocks, measure: Measure, plan: EffectPlan): Effect {
  const rated = isRated(sides);
  const couldShow = detectable(measure, rated, blocks.before, plan.afterMax);
  const found = estimate(measure, rated, blocks.before, blocks.after);
  if (found === null) {
    const counted = [blocks.before.length, blocks.after.length] as const;
    return { verdict: "too-little-data", blocks: counted, detectable: couldShow, money: null };
  }
  return {
    ...found,
    detectable: couldShow,
    placebo: placebosOf(facts, sides, blocks, measure, rated, plan),
    money: measure.isStopShare ? moneyOf(facts, sides, blocks, found, plan) : null,
  };
}

/** The placebo effect of each control against the others (PI-7), over the blocks that count; none where there is one control. */
function placebosOf(
  facts: Facts,
  sides: Sides,
  blocks: Blocks,
  measure: Measure,
  rated: boolean,
  { afterStart, afterMax }: EffectPlan,
): Readonly<Record<string, number>> {
  const effects: Record<string, number> = {};
  if (sides.controls.length < 2) return effects;
  const counted = { before: numbersOf(blocks.before), after: numbersOf(blocks.after) };
  const zone = zoneOf(sides);
  for (const control of sides.controls) {
    const others = sides.controls.filter((other) => other !== control);
    const played = blocksOf(
      facts,
      { pilot: [control], controls: others },
      { beforeEnd: blocks.beforeEnd, afterStart, beforeMax: blocks.beforeMax, afterMax, minCoverage: null },
      zone,
    );
    const effect = placeboEffect(
      measure,
      rated,
      played.before.filter(({ number }) => counted.before.has(number)),
      played.after.filter(({ number }) => counted.after.has(number)),
    );
    if (effect !== null) effects[control.path] = effect;
  }
  return effects;
}

function numbersOf(blocks: Blocks["before"]): ReadonlySet<number> {
  return new Set(blocks.map(({ number }) => number));
}

/** The money of an effect (CS-2): the effect × planned hours of the counted blocks after × their mean cost an hour. */
function moneyOf(
  facts: Facts,
  sides: Sides,
  blocks: Blocks,
  { effect, low, high }: Estimate,
  { afterStart, money }: EffectPlan,
): Money {
  const zone = zoneOf(sides);
  const periods = blocks.after.map(({ number }) => {
    const from = afterStart + number * BLOCK_DAYS;
    return periodOf(zone, { from, to: from + BLOCK_DAYS });
  });
  const planned = plannedOf(facts, sides.pilot, periods);
  const priced = pricedTime([...planned.keys()], (machine) => planned.get(machine) ?? 0);
  const savingOf = (of: number): Amount | null => priced?.times(-of) ?? null;
  const returned = (saving: Amount | null): Return =>
    returnOf(saving === null ? null : yearOf(saving, blocks.after.length * BLOCK_DAYS), money);
  const saving = savingOf(effect);
  // The measure is better when lower: the upper end of the effect is the lower end of the saving.
  const [least, most] = [savingOf(high), savingOf(low)];
  return { saving, low: least, high: most, ...returned(saving), ends: [returned(least), returned(most)] };
}

/** Planned time (ms) by machine, while each stood for one of the scopes. */
function plannedOf(facts: Facts, scopes: readonly Scope[], periods: readonly Period[]): ReadonlyMap<Machine, number> {
  const planned = new Map<Machine, number>();
  for (const period of periods) {
    for (const { machine, period: span } of scopes.flatMap((scope) => membersIn(scope, period))) {
      let sum = planned.get(machine) ?? 0;
      for (const sums of facts.cellsOf(machine, span).values()) sum += sums.planned;
      planned.set(machine, sum);
    }
  }
  return planned;
}

/** Whether an entry was made at or after the beginning of a date in a zone (PI-9). */
export function isMadeLater(zone: Zone, start: Day, madeAt: number): boolean {
  return madeAt >= startOf(zone, start);
}
