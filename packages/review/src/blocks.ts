/**
 * Blocks of seven dates before and after a change (PI-1, PI-2): each holds every weekday once. A block counts for both sides,
 * pilot and controls, or for none; those that do not count are listed with the reason.
 */
import type { Period } from "@oee/calendar";
import type { Scope, Zone } from "@oee/model";
import { type Day, type DaySpan, dateText, periodOf } from "./dates.ts";
import { Amounts, amountsOf, type Facts } from "./facts.ts";
import { whyLeftOut } from "./measures.ts";
import type { Block } from "./estimate.ts";
import { differingParts, policiesOf } from "./policies.ts";

export const BLOCK_DAYS = 7;

/** The two sides of a comparison; the scopes of a side are summed. */
export interface Sides {
  readonly pilot: readonly Scope[];
  readonly controls: readonly Scope[];
}

export interface LeftOut {
  /** Dates `yyyy-mm-dd`. */
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export interface Blocks {
  readonly before: readonly Block[];
  readonly after: readonly Block[];
  readonly leftOut: readonly LeftOut[];
  /** The time of the blocks that count; neighbours are one period. */
  readonly periods: readonly Period[];
  /** Whether all blocks that were asked for after the change are over. */
  readonly complete: boolean;
  readonly beforeEnd: Day;
  readonly beforeMax: number;
}

export interface BlockPlan {
  /** The first date that is not before the change. */
  readonly beforeEnd: Day;
  /** The first date of the first block after. */
  readonly afterStart: Day;
  readonly beforeMax: number;
  readonly afterMax: number;
  /** The coverage from which on a block counts; `null`: all blocks count. */
  readonly minCoverage: number | null;
}

/** The blocks of a plan, those after the change as far as they are over. Dates are in the zone of the first pilot scope, for controls too. */
export function blocksOf(facts: Facts, sides: Sides, plan: BlockPlan, zone: Zone = zoneOf(sides)): Blocks {
  const leftOut: LeftOut[] = [];
  const periods: Period[] = [];
  const blocksFrom = (spans: readonly DaySpan[], firstNumber: number): Block[] =>
    spans.flatMap((span, i) => {
      const period = periodOf(zone, span);
      const sideOf = (scopes: readonly Scope[]): Amounts => {
        const amounts = new Amounts();
        for (const scope of scopes) amounts.add(amountsOf(facts, scope, period));
        return amounts;
      };
      const pilot = sideOf(sides.pilot);
      const control = sides.controls.length === 0 ? null : sideOf(sides.controls);
      const { minCoverage } = plan;
      const whyPilot = minCoverage === null ? null : whyLeftOut(pilot, minCoverage);
      const whyControl = control === null || minCoverage === null ? null : whyLeftOut(control, minCoverage);
      if (whyPilot === null && whyControl === null) {
        const last = periods.at(-1);
        if (last?.to === period.from) periods.splice(-1, 1, { from: last.from, to: period.to });
        else periods.push(period);
        return [{ number: firstNumber + i, pilot, control }];
      }
      const why = whyPilot === null ? `control: ${whyControl}` : `pilot: ${whyPilot}`;
      leftOut.push({ from: dateText(span.from), to: dateText(span.to), why });
      return [];
    });
  const before = spansFrom(plan.beforeEnd - plan.beforeMax * BLOCK_DAYS, plan.beforeMax);
  const after = spansFrom(plan.afterStart, plan.afterMax).filter((span) => periodOf(zone, span).to <= facts.now);
  return {
    before: blocksFrom(before, -plan.beforeMax),
    after: blocksFrom(after, 0),
    leftOut,
    periods,
    complete: after.length === plan.afterMax,
    beforeEnd: plan.beforeEnd,
    beforeMax: plan.beforeMax,
  };
}

/** The parts in which the policy (BL-2) of a scope is not one over all blocks that count (PI-2), by name. */
export function policyChangesAmong(facts: Facts, { pilot, controls }: Sides, { periods }: Blocks): readonly string[] {
  const changes = [...pilot, ...controls].flatMap((scope) =>
    differingParts(periods.flatMap((period) => policiesOf(facts, scope, period))),
  );
  return [...new Set(changes)].toSorted();
}

export function zoneOf({ pilot }: Sides): Zone {
  const [first] = pilot;
  if (first === undefined) throw new Error("a comparison has at least one pilot scope");
  return first.timezone;
}

/** Whether a comparison has ideal times: all scopes of both sides are rated (PI-1). */
export function isRated({ pilot, controls }: Sides): boolean {
  return [...pilot, ...controls].every(({ rated }) => rated);
}

function spansFrom(first: Day, count: number): DaySpan[] {
  return Array.from({ length: count }, (_, i) => {
    const from = first + i * BLOCK_DAYS;
    return { from, to: from + BLOCK_DAYS };
  });
}
