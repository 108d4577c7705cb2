/**
 * Pareto of unplanned stop time (PA-1 to PA-3), by reason, state, machine, shift or product. Minor stops are in columns of
 * their own. What has no reason, shift or product is a bar like any other, whose key is `null`.
 */
import { type Amount, costOf, ratio } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { compareCodePoints, type Machine, type MachineSpan } from "@oee/model";
import type { Facts } from "./facts.ts";

export type ParetoBy = "reason" | "state" | "machine" | "shift" | "product";
export type ParetoMeasure = "time" | "count" | "cost";

export interface Bar {
  readonly key: string | null;
  /** Scheduled time (ms) of the bar's stops that are not minor. */
  readonly time: number;
  /** Number of segments of these stops whose first scheduled instant lies in the period. */
  readonly count: number;
  /** Time × `costPerHour`; `null` where no machine of the bar has a cost. */
  readonly cost: Amount | null;
  readonly minorTime: number;
  readonly minorCount: number;
  /** The bar's share of the total of the measure asked for; `null` when the total is 0. */
  readonly share: number | null;
  readonly cumulative: number | null;
}

export interface ParetoQuery {
  readonly by: ParetoBy;
  /** For bars by reason: how many parts of the path a bar goes by; `null`: the whole path. */
  readonly depth: number | null;
  readonly measure: ParetoMeasure;
}

type Columns = { -readonly [column in "time" | "count" | "minorTime" | "minorCount"]: Bar[column] } & {
  /** Time (ms) by cost per hour: summed by rate first, so that the cost does not depend on the order of stops. */
  readonly timeByRate: Map<number, number>;
};

/** The bars of the stops of some machines, each in the span in which it counts. */
export function paretoOf(
  facts: Facts,
  of: readonly MachineSpan[],
  { by, depth, measure }: ParetoQuery,
): readonly Bar[] {
  const bars = new Map<string | null, Columns>();
  for (const { machine, period } of of) {
    for (const { key, minor, scheduledMs, count } of sharesOf(facts, machine, period, by, depth)) {
      let bar = bars.get(key);
      if (bar === undefined)
        bars.set(key, (bar = { time: 0, count: 0, timeByRate: new Map(), minorTime: 0, minorCount: 0 }));
      if (minor) {
        bar.minorTime += scheduledMs;
        bar.minorCount += count;
        continue;
      }
      bar.time += scheduledMs;
      bar.count += count;
      const { costPerHour: rate } = machine;
      if (rate !== null) bar.timeByRate.set(rate, (bar.timeByRate.get(rate) ?? 0) + scheduledMs);
    }
  }
  return inOrder(bars, measure);
}

/** The first `depth` parts of a path; a path that is shorter stays whole. */
export function cutPath(path: string, depth: number | null): string {
  return depth === null ? path : path.split("/").slice(0, depth).join("/");
}

interface Share {
  readonly key: string | null;
  readonly minor: boolean;
  readonly scheduledMs: number;
  readonly count: number;
}

function* sharesOf(
  facts: Facts,
  machine: Machine,
  period: Period,
  by: ParetoBy,
  depth: number | null,
): Iterable<Share> {
  if (by === "shift" || by === "product") {
    for (const part of facts.stopPartsOf(machine, period, by === "product")) {
      const { segment, scheduledMs, begins } = part;
      yield { key: part[by], minor: segment.minor, scheduledMs, count: Number(begins) };
    }
    return;
  }
  for (const { reason, state, minor, scheduledMs, count } of facts.stopTotalsOf(machine, period)) {
    const path = reason === null ? null : cutPath(reason, depth);
    const key = by === "reason" ? path : by === "state" ? state : machine.path;
    yield { key, minor, scheduledMs, count };
  }
}

/** The bars with their shares of the total, the greatest first (PA-3). */
function inOrder(all: ReadonlyMap<string | null, Columns>, measure: ParetoMeasure): readonly Bar[] {
  const bars = [...all].map(([key, { timeByRate, ...columns }]) => ({ key, ...columns, cost: costOf(timeByRate) }));
  const valueOf = (bar: (typeof bars)[number]): number =>
    measure === "cost" ? (bar.cost?.toNumber() ?? 0) : bar[measure];
  bars.sort(
    (a, b) =>
      valueOf(b) - valueOf(a) ||
      b.time - a.time ||
      Number(a.key !== null) - Number(b.key !== null) ||
      compareCodePoints(a.key ?? "", b.key ?? ""),
  );
  const total = bars.reduce((sum, bar) => sum + valueOf(bar), 0);
  let cumulative = 0;
  return bars.map((bar) => {
    const { key, time, count, cost, minorTime, minorCount } = bar;
    const value = valueOf(bar);
    cumulative += value;
    const share = ratio(value, total);
    return { key, time, count, cost, minorTime, minorCount, share, cumulative: ratio(cumulative, total) };
  });
}
