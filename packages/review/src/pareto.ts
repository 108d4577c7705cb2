/**
 * Pareto of unplanned stop time (PA-1 to PA-3), by reason, state, machine, shift or product. Minor stops are in columns of
 * their own. What has no reason, shift or product is a bar like any other, whose key is `null`.
 */
import { HOUR_MS, type Period } from "@oee/calendar";
import { compareCodePoints, type Machine } from "@oee/model";
import type { Facts, StopPart } from "./facts.ts";
import { ratio } from "./measures.ts";

export type ParetoBy = "reason" | "state" | "machine" | "shift" | "product";
export type ParetoMeasure = "time" | "count" | "cost";

export interface Bar {
  readonly key: string | null;
  /** Scheduled time (ms) of stops that are not minor. */
  readonly time: number;
  /** Their segments whose first scheduled instant lies in the period. */
  readonly count: number;
  /** Time × `costPerHour`; `null` where no machine of the bar has one. */
  readonly cost: number | null;
  readonly minorTime: number;
  readonly minorCount: number;
  /** Of the total of the measure asked for; `null` when that is 0. */
  readonly share: number | null;
  readonly cumulative: number | null;
}

export interface ParetoQuery {
  readonly by: ParetoBy;
  /** Of reasons: the first so many parts of the path; `null`: the whole path. */
  readonly depth: number | null;
  readonly measure: ParetoMeasure;
}

type Columns = { -readonly [column in "time" | "count" | "cost" | "minorTime" | "minorCount"]: Bar[column] };

export function paretoOf(
  facts: Facts,
  machines: readonly Machine[],
  period: Period,
  { by, depth, measure }: ParetoQuery,
): readonly Bar[] {
  const bars = new Map<string | null, Columns>();
  for (const machine of machines) {
    for (const part of facts.stopPartsOf(machine, period)) {
      const key = keyOf(part, machine, by, depth);
      let bar = bars.get(key);
      if (bar === undefined) bars.set(key, (bar = { time: 0, count: 0, cost: null, minorTime: 0, minorCount: 0 }));
      if (part.segment.minor) {
        bar.minorTime += part.scheduledMs;
        bar.minorCount += Number(part.begins);
        continue;
      }
      bar.time += part.scheduledMs;
      bar.count += Number(part.begins);
      if (machine.costPerHour !== null) {
        bar.cost = (bar.cost ?? 0) + (part.scheduledMs * machine.costPerHour) / HOUR_MS;
      }
    }
  }
  return inOrder(bars, measure);
}

/** The first parts of a path; a shorter path is itself. */
export function cutPath(path: string, depth: number | null): string {
  return depth === null ? path : path.split("/").slice(0, depth).join("/");
}

function keyOf({ segment, shift, product }: StopPart, machine: Machine, by: ParetoBy, depth: number | null) {
  switch (by) {
    case "reason":
      return segment.reason === null ? null : cutPath(segment.reason, depth);
    case "state":
      return segment.state;
    case "machine":
      return machine.id;
    case "shift":
      return shift;
    case "product":
      return product;
  }
}

/** PA-3: the greatest first, with shares of the total. */
function inOrder(bars: ReadonlyMap<string | null, Columns>, measure: ParetoMeasure): readonly Bar[] {
  const valueOf = (bar: Columns): number => bar[measure] ?? 0;
  const total = [...bars.values()].reduce((sum, bar) => sum + valueOf(bar), 0);
  let cumulative = 0;
  return [...bars]
    .sort(
      ([keyA, a], [keyB, b]) =>
        valueOf(b) - valueOf(a) ||
        b.time - a.time ||
        Number(keyA !== null) - Number(keyB !== null) ||
        compareCodePoints(keyA ?? "", keyB ?? ""),
    )
    .map(([key, bar]) => {
      cumulative += valueOf(bar);
      return { key, ...bar, share: ratio(valueOf(bar), total), cumulative: ratio(cumulative, total) };
    });
}
