/**
 * The formulas of section 7 of packages/engine/SPEC.md, computed in exact fractions of whole numbers that become floating point at the
 * very end. Written from that table; shares no code with the engine.
 */
import { COMPONENT_NAMES, type Components, type Kpis, type Row, TIME_COMPONENT_NAMES } from "@oee/model";

interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

/** Sums of all components over rows, exactly. */
export type Sums = Readonly<Record<keyof Components, bigint>>;

export function sumOf(rows: readonly Components[]): Sums {
  return Object.fromEntries(
    COMPONENT_NAMES.map((name) => [name, rows.reduce((sum, row) => sum + BigInt(row[name]), 0n)]),
  ) as Sums;
}

/** KPIs of section 7 over the rows of a scope and period. `rated`: whether the scope's machines have an ideal cycle (EQ-2, EQ-3). */
export function kpisOf(rows: readonly Row[], rated: boolean): Kpis {
  const c = sumOf(rows);
  const operating = c.runTime + c.minorStopTime;
  const planned = plannedOf(c);
  // Quantities in millionths of a unit, since machines may have different decimals (CN-5).
  const million = 1_000_000n;
  const quantity = (name: "goodCount" | "scrapCount" | "reworkCount"): bigint =>
    rows.reduce((sum, row) => sum + BigInt(row[name]) * 10n ** BigInt(6 - row.decimals), 0n);
  const [good, scrap, rework] = [quantity("goodCount"), quantity("scrapCount"), quantity("reworkCount")];
  const produced = good + scrap + rework;
  const ms = 1000n; // ideal times are in microseconds
  const hour = 3_600_000n;
  const ratedOnly = (value: number | null): number | null => (rated ? value : null);
  return {
    availability: ratio(operating, planned),
    performance: ratedOnly(ratio(c.idealTimeUs, operating * ms)),
    quality: rated ? ratio(c.idealGoodTimeUs, c.idealTimeUs) : ratio(good, produced),
    oee: ratedOnly(ratio(c.idealGoodTimeUs, planned * ms)),
    nee: ratedOnly(ratio((operating + c.setupTime) * c.idealGoodTimeUs, planned * operating * ms)),
    teep: ratedOnly(ratio(c.idealGoodTimeUs, (planned + c.notPlannedTime) * ms)),
    loading: ratio(planned, planned + c.notPlannedTime),
    mttr: ratio(c.repairTime, c.repairCount),
    mtbf: ratio(c.runTime, c.failureCount),
    unplannedDowntimeShare: ratio(c.unplannedStopTime, planned),
    downtimeFrequency: ratio(c.stopCount * hour, planned),
    meanStopDuration: ratio(c.unplannedStopTime, c.stopCount),
    scrapRatio: ratio(scrap, produced),
    reworkRatio: ratio(rework, produced),
    firstPassYield: ratio(good, produced),
    throughput: ratio(produced * hour, operating * million),
    coverage: ratio(planned, planned + c.unknownTime),
    targetCount: total(
      // A row without time has only counts that name another product (CN-9): its takt is in force at no time, and adds nothing.
      rows.flatMap((row) =>
        row.taktUs === null || TIME_COMPONENT_NAMES.every((name) => row[name] === 0)
          ? []
          : [{ n: plannedOf(sumOf([row])) * ms, d: BigInt(row.taktUs) }],
      ),
    ),
    downtimeCost: total(
      rows.flatMap((row) => {
        if (row.costPerHour === null) return [];
        const rate = decimal(row.costPerHour);
        return [{ n: BigInt(row.unplannedStopTime) * rate.n, d: hour * rate.d }];
      }),
    ),
  };
}

/** KP-1, in microseconds: planned time, its losses in the order of the rule, and the time left. */
export function lossesOf(c: Sums): {
  readonly plannedUs: bigint;
  readonly lossesUs: bigint[];
  readonly leftUs: bigint;
} {
  const ms = 1000n;
  return {
    plannedUs: plannedOf(c) * ms,
    lossesUs: [
      c.failureTime * ms,
      (c.unplannedStopTime - c.failureTime) * ms,
      c.setupTime * ms,
      c.plannedStopTime * ms,
      c.minorStopTime * ms,
      c.runTime * ms - c.idealTimeUs,
      c.idealTimeUs - c.idealGoodTimeUs - c.startupLossTimeUs,
      c.startupLossTimeUs,
    ],
    leftUs: c.idealGoodTimeUs,
  };
}

function plannedOf(c: Sums): bigint {
  return c.runTime + c.minorStopTime + c.unplannedStopTime + c.setupTime + c.plannedStopTime;
}

/** P-3: null if the denominator is 0. */
function ratio(n: bigint, d: bigint): number | null {
  return d === 0n ? null : toNumber({ n, d });
}

function total(parts: readonly Fraction[]): number | null {
  if (parts.length === 0) return null;
  return toNumber(
    parts.reduce((a, b) => (a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d })),
  );
}

function toNumber({ n, d }: Fraction): number {
  if (d < 0n) return toNumber({ n: -n, d: -d });
  if (n < 0n) return 0 - toNumber({ n: -n, d });
  // The whole part and 80 bits after the point, which is more than a floating point number holds.
  const whole = n / d;
  const rest = ((n % d) << 80n) / d;
  return Number((whole << 80n) + rest) / 2 ** 80;
}

function decimal(value: number): Fraction {
  const [digits = "0", exponent = "0"] = value.toString().split("e");
  const [whole = "0", decimals = ""] = digits.split(".");
  const power = Number(exponent) - decimals.length;
  const n = BigInt(whole + decimals);
  return power >= 0 ? { n: n * 10n ** BigInt(power), d: 1n } : { n, d: 10n ** BigInt(-power) };
}
