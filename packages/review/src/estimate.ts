/**
 * The effect of a change and its uncertainty (PI-2 to PI-8, PI-10): the change of a measure on the pilot's side less that on
 * the controls' side, with an interval from leaving out one block at a time. No random number is drawn.
 */
import type { Verdict } from "@oee/model";
import type { Amounts } from "./facts.ts";
import { sumOfAmounts } from "./facts.ts";
import { sumOfTallies, type Tally, tallyIn, valueOfTally } from "./measure-value.ts";
import type { Measure } from "./measures.ts";
import { studentT } from "./student-t.ts";

/** One counted block of seven dates. `number` is its place in time, so that blocks that do not count leave gaps. */
export interface Block {
  readonly number: number;
  readonly pilot: Amounts;
  /** `null` without controls. */
  readonly control: Amounts | null;
}

export interface Estimate {
  readonly verdict: Verdict;
  /** Number of counted blocks before and after. */
  readonly blocks: readonly [number, number];
  /** Value of the measure before and after. */
  readonly pilot: readonly [number, number];
  readonly control: readonly [number, number] | null;
  /** The pilot's change less the controls' (PI-3). */
  readonly effect: number;
  /** The value that the pilot would have had after without the change. */
  readonly expected: number;
  readonly relative: number | null;
  readonly autocorrelation: number;
  readonly q: number;
  readonly se: number;
  readonly t: number;
  readonly low: number;
  readonly high: number;
  /** Whether pilot and controls had no differing trend before; `null`: there are too few blocks to say (PI-5). */
  readonly parallel: boolean | null;
  readonly slope: number | null;
  readonly slopeT: number | null;
  readonly noControl: boolean;
}

/** With fewer blocks in a phase there is too little data (PI-2). */
const BLOCKS_MIN = 6;
const Q_MAX = 0.6;
const DRIFT_POINTS_MIN = 4;

/** Value of the measure over some blocks: of the pilot, and of the controls where there are any. */
interface Values {
  readonly pilot: number;
  readonly control: number | null;
}

/** The effect between counted blocks before and after; `null`: too little data (PI-2). */
export function estimate(
  measure: Measure,
  rated: boolean,
  before: readonly Block[],
  after: readonly Block[],
): Estimate | null {
  if (before.length < BLOCKS_MIN || after.length < BLOCKS_MIN) return null;
  const valuesOf = valuesOfBlocks(measure, rated);
  const [v0, v1] = [valuesOf(before), valuesOf(after)];
  const leftBefore = leaveOneOut(before, valuesOf);
  const leftAfter = leaveOneOut(after, valuesOf);
  if (v0 === null || v1 === null || leftBefore === null || leftAfter === null) return null;
  const effect = effectOf(v0, v1);
  const [d0, d1] = [
    deviations(leftBefore.map((without) => effectOf(without, v1))),
    deviations(leftAfter.map((without) => effectOf(v0, without))),
  ];
  const variance = varianceOf(d0) + varianceOf(d1);
  const n = before.length + after.length;
  const { autocorrelation, q } = autocorrelationOf(
    [
      { blocks: before, deviations: d0 },
      { blocks: after, deviations: d1 },
    ],
    n,
  );
  const se = Math.sqrt((variance * (1 + q)) / (1 - q));
  const t = studentT(n - 2);
  const drift = driftOf(before, valuesOf);
  const [low, high] = [effect - t * se, effect + t * se];
  return {
    verdict: verdictOf(measure, effect, low, high, drift),
    blocks: [before.length, after.length],
    pilot: [v0.pilot, v1.pilot],
    control: v0.control === null || v1.control === null ? null : [v0.control, v1.control],
    effect,
    expected: v1.pilot - effect,
    relative: v0.pilot === 0 ? null : effect / Math.abs(v0.pilot),
    autocorrelation,
    q,
    se,
    t,
    low,
    high,
    parallel: drift?.parallel ?? null,
    slope: drift?.slope ?? null,
    slopeT: drift?.slopeT ?? null,
    noControl: v0.control === null,
  };
}

/** PI-10: the smallest effect that `afterBlocks` blocks could show, from the blocks before alone; `null`: not known. */
export function detectable(
  measure: Measure,
  rated: boolean,
  before: readonly Block[],
  afterBlocks: number,
): number | null {
  if (before.length < 2 || afterBlocks < 1) return null;
  const left = leaveOneOut(before, valuesOfBlocks(measure, rated));
  if (left === null) return null;
  const d = deviations(left.map(({ pilot, control }) => pilot - (control ?? 0)));
  const n = before.length + afterBlocks;
  const { q } = autocorrelationOf([{ blocks: before, deviations: d }], n);
  const variance = varianceOf(d) * (1 + before.length / afterBlocks);
  return studentT(n - 2) * Math.sqrt((variance * (1 + q)) / (1 - q));
}

/** The effect θ alone, for a control in the pilot's place against the other controls (PI-7). */
export function placeboEffect(
  measure: Measure,
  rated: boolean,
  before: readonly Block[],
  after: readonly Block[],
): number | null {
  const valuesOf = valuesOfBlocks(measure, rated);
  const [v0, v1] = [valuesOf(before), valuesOf(after)];
  return v0 === null || v1 === null ? null : effectOf(v0, v1);
}

/** The values of the measure over blocks; `null`: there is no block, or a side has no value. */
function valuesOfBlocks(measure: Measure, rated: boolean): (blocks: readonly Block[]) => Values | null {
  const valueOf = valueOfSides(measure, rated);
  return (blocks) => {
    if (blocks.length === 0) return null;
    const pilot = valueOf(blocks.map((block) => block.pilot));
    const controls = blocks.flatMap(({ control }) => (control === null ? [] : [control]));
    const control = controls.length === 0 ? null : valueOf(controls);
    return pilot === null || (controls.length > 0 && control === null) ? null : { pilot, control };
  };
}

/** The measure of the sums of a side of blocks (PI-3). What is more than sums is read once for each block. */
function valueOfSides(measure: Measure, rated: boolean): (sides: readonly Amounts[]) => number | null {
  const { valueOf } = measure;
  if (valueOf !== null) return (sides) => valueOf(sumOfAmounts(sides), rated);
  const tallies = new Map<Amounts, Tally>();
  const tally = (side: Amounts): Tally => {
    const known = tallies.get(side) ?? tallyIn(measure, side);
    tallies.set(side, known);
    return known;
  };
  return (sides) => valueOfTally(measure, sumOfTallies(sides.map(tally)));
}

function leaveOneOut(
  blocks: readonly Block[],
  valuesOf: (blocks: readonly Block[]) => Values | null,
): readonly Values[] | null {
  const values: Values[] = [];
  for (let j = 0; j < blocks.length; j++) {
    const without = valuesOf(blocks.filter((_, i) => i !== j));
    if (without === null) return null;
    values.push(without);
  }
  return values;
}

function effectOf(before: Values, after: Values): number {
  return after.pilot - before.pilot - ((after.control ?? 0) - (before.control ?? 0));
}

/** The deviation of each block j (PI-4): d_j = (n − 1)(mean − value without block j). */
function deviations(without: readonly number[]): readonly number[] {
  const mean = sum(without) / without.length;
  return without.map((value) => (without.length - 1) * (mean - value));
}

function varianceOf(d: readonly number[]): number {
  return sum(d.map((value) => value * value)) / (d.length * (d.length - 1));
}

interface Phase {
  readonly blocks: readonly Block[];
  readonly deviations: readonly number[];
}

/** How much neighbouring blocks resemble one another (PI-4); `n` is the number of blocks of both phases. */
function autocorrelationOf(phases: readonly Phase[], n: number): { autocorrelation: number; q: number } {
  let products = 0;
  let squares = 0;
  for (const { blocks, deviations: d } of phases) {
    for (const [j, value] of d.entries()) {
      squares += value * value;
      const next = blocks[j + 1];
      if (next !== undefined && next.number === (blocks[j] as Block).number + 1)
        products += value * (d[j + 1] as number);
    }
  }
  const autocorrelation = squares === 0 ? 0 : products / squares;
  return { autocorrelation, q: Math.min(Q_MAX, Math.max(0, autocorrelation + 3 / n)) };
}

interface Drift {
  readonly slope: number;
  /** The slope divided by its standard error; Infinity where all points lie on a line that is not level. */
  readonly slopeT: number;
  readonly parallel: boolean;
}

/** PI-5: whether the difference between pilot and controls had a trend before, by least squares over the blocks. */
function driftOf(before: readonly Block[], valuesOf: (blocks: readonly Block[]) => Values | null): Drift | null {
  const points: { x: number; y: number }[] = [];
  for (const block of before) {
    if (block.control === null) return null;
    const values = valuesOf([block]);
    if (values?.control !== null && values !== null) points.push({ x: block.number, y: values.pilot - values.control });
  }
  const k = points.length;
  if (k < DRIFT_POINTS_MIN) return null;
  const meanX = sum(points.map(({ x }) => x)) / k;
  const meanY = sum(points.map(({ y }) => y)) / k;
  const sxx = sum(points.map(({ x }) => (x - meanX) ** 2));
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / sxx;
  const residuals = sum(points.map(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2));
  const error = Math.sqrt(residuals / (k - 2) / sxx);
  const slopeT = slope === 0 ? 0 : slope / error;
  return { slope, slopeT, parallel: !(Math.abs(slope) > studentT(k - 2) * error) };
}

/** The verdict (PI-6): the first whose condition holds. */
function verdictOf({ better }: Measure, effect: number, low: number, high: number, drift: Drift | null): Verdict {
  if (drift?.parallel === false && Math.sign(effect) === Math.sign(drift.slope)) return "drifting-before";
  if (low > 0) return better > 0 ? "improved" : better < 0 ? "worse" : "no-clear-change";
  if (high < 0) return better < 0 ? "improved" : better > 0 ? "worse" : "no-clear-change";
  return "no-clear-change";
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
