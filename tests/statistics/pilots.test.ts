/**
 * Compares the statistics of pilots (PI-3 to PI-5, PI-8) with those that statsmodels and scipy compute from the same weeks during the
 * test. `OEE_PILOTS=2000` also simulates so many pilots for each of several day-to-day correlations, and prints how many of their
 * intervals hold the true effect. `tests/prepare.sh` installs the packages.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sumsWith } from "@oee/answers";
import { Amounts, type Block, estimate, type Measure, measureNamed, studentT } from "@oee/review";
import { expect, test } from "vitest";
import { cached } from "../support/cached.ts";

const PYTHON = cached("statsmodels-0.14.6/bin/python");
const REFERENCE = fileURLToPath(new URL("reference.py", import.meta.url));
const HOUR = 3_600_000;
const SHARE = measureNamed("unplannedDowntimeShare") as Measure;
const PILOTS = Number(process.env["OEE_PILOTS"] ?? 0);

/** A week: the share of unplanned stops and the planned hours of the pilot, then those of its controls (share `null`: no controls). */
type Week = readonly [number, number, number | null, number];

interface Case {
  readonly before: readonly Week[];
  readonly after: readonly Week[];
  readonly effect?: number;
}

interface Reference {
  readonly effect: number;
  readonly t: number;
  readonly plainError: number;
  readonly autocorrelation: number;
  readonly slope?: number;
  readonly slopeT?: number;
}

function python(args: readonly string[], input = ""): readonly unknown[] {
  const { status, stdout, stderr, error } = spawnSync(PYTHON, [REFERENCE, ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${PYTHON}: ${error?.message ?? stderr}; tests/prepare.sh installs it`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

function referencesOf(cases: readonly Case[]): readonly Reference[] {
  return python([], cases.map((one) => JSON.stringify(one)).join("\n")) as readonly Reference[];
}

function amountsOf(share: number, hours: number): Amounts {
  const amounts = new Amounts();
  const stopped = share * hours * HOUR;
  amounts.sums.addSums(sumsWith({ runTime: hours * HOUR - stopped, unplannedStopTime: stopped }));
  return amounts;
}

const blocksOf = (weeks: readonly Week[]): Block[] =>
  weeks.map(([share, hours, control, controlHours], number) => ({
    number,
    pilot: amountsOf(share, hours),
    control: control === null ? null : amountsOf(control, controlHours),
  }));

function ours({ before, after }: Case) {
  const found = estimate(SHARE, true, blocksOf(before), blocksOf(after));
  if (found === null) throw new Error("too little data");
  return found;
}

const weeks = (
  shares: readonly number[],
  controls: readonly number[] | null,
  hours: readonly number[] = [120],
): Week[] => shares.map((share, i) => [share, hours[i % hours.length] as number, controls?.[i] ?? null, 90]);

const DRIFTING = [0.31, 0.29, 0.285, 0.26, 0.25, 0.24, 0.2, 0.21];
const UNEVEN = [0.21, 0.17, 0.25, 0.19, 0.22, 0.18, 0.3, 0.12];
const LATER = [0.14, 0.16, 0.15, 0.17, 0.11, 0.13, 0.19];
const CONTROLS = [0.22, 0.2, 0.24, 0.21, 0.19, 0.23, 0.25, 0.18];

test.each([
  ["no controls", { before: weeks(UNEVEN, null), after: weeks(LATER, null) }],
  ["controls", { before: weeks(UNEVEN, CONTROLS), after: weeks(LATER, CONTROLS) }],
  ["a drift before the start", { before: weeks(DRIFTING, CONTROLS), after: weeks(LATER, CONTROLS) }],
  [
    "weeks that resemble their neighbours",
    { before: weeks([0.1, 0.12, 0.15, 0.2, 0.26, 0.29], null), after: weeks([0.2, 0.19, 0.15, 0.1, 0.08, 0.07], null) },
  ],
])(
  "PI-3, PI-4, PI-5: %s: effect, error, autocorrelation and slope are those of statsmodels and scipy",
  (_, one: Case) => {
    const found = ours(one);
    const [known] = referencesOf([one]);
    expect(found.effect).toBeCloseTo(known?.effect ?? NaN, 10);
    expect(found.autocorrelation).toBeCloseTo(known?.autocorrelation ?? NaN, 9);
    expect(found.se / Math.sqrt((1 + found.q) / (1 - found.q))).toBeCloseTo(known?.plainError ?? NaN, 10);
    expect([found.slope, found.slopeT].map((value) => value ?? undefined)).toEqual(
      [known?.slope, known?.slopeT].map((value) =>
        value === undefined ? undefined : (expect.closeTo(value, 8) as number),
      ),
    );
  },
);

test("PI-3: the effect of weeks with different planned hours is that of a regression weighted by these hours", () => {
  const hours = [120, 40, 100, 8, 66];
  const one = { before: weeks(UNEVEN, CONTROLS, hours), after: weeks(LATER, CONTROLS, hours) };
  expect(ours(one).effect).toBeCloseTo(referencesOf([one])[0]?.effect ?? NaN, 10);
});

test("PI-8: t in the table is scipy's to three decimals; between two entries it is the larger one, of fewer degrees of freedom", () => {
  const phases = Array.from({ length: 60 }, (_, i) => i + 1).filter((degrees) => degrees >= 10);
  const known = referencesOf(
    phases.map((degrees) => ({
      before: weeks(
        Array.from({ length: 6 }, (_, i) => 0.1 + i / 100),
        null,
      ),
      after: weeks(
        Array.from({ length: degrees - 4 }, (_, i) => 0.1 + (i % 7) / 100),
        null,
      ),
    })),
  );
  for (const [i, degrees] of phases.entries()) {
    const t = known[i]?.t ?? NaN;
    if (degrees <= 30 || degrees === 40 || degrees === 60)
      expect([degrees, studentT(degrees)]).toEqual([degrees, Number(t.toFixed(3))]);
    else expect(studentT(degrees)).toBeGreaterThan(t);
  }
});

test.runIf(PILOTS > 0)(
  "PI-4: how many of the intervals of simulated pilots hold the true effect",
  { timeout: 3_600_000 },
  () => {
    for (const rho of [0, 0.2, 0.4, 0.6]) {
      const cases = python(["--simulate", String(PILOTS), String(rho), "17"]) as readonly Case[];
      let [held, shown, changed] = [0, 0, 0];
      for (const one of cases) {
        const { low, high } = ours(one);
        const effect = one.effect ?? NaN;
        if (low <= effect && effect <= high) held++;
        if (effect === 0) continue;
        changed++;
        if (high < 0) shown++;
      }
      const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
      process.stdout.write(
        `day-to-day correlation ${rho}: ${percent(held, cases.length)} of ${cases.length} intervals hold the effect; ` +
          `a fall by 3 points of 20 is shown in ${percent(shown, changed)}\n`,
      );
      expect(cases.length).toBe(PILOTS);
    }
  },
);
