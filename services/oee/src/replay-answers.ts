/**
 * Makes the answers of a replay for one scope or machine after the other, so that a long answer is never held whole. They come
 * in the contract's order, which sorts by scope first.
 */
import { type ReportQuery, scopesOf } from "@oee/answers";
import { periodsOf } from "@oee/calendar";
import { compareCodePoints, type Element, type Every, type Scope, type StopSegment } from "@oee/model";
import type { Replay } from "./replay.ts";

/** Local days that are answered at a time; `null`: all at once. About 20,000 periods each. */
const DAYS_AT_ONCE: Readonly<Record<Every, number | null>> = {
  minute: 14,
  hour: 800,
  shift: null,
  day: null,
  week: null,
  month: null,
  quarter: null,
  year: null,
};

/** Elements of a query whose `by` is not above its scope. */
export function* elementsOf(replay: Replay, query: ReportQuery, now: number): Iterable<Element> {
  const scopes = scopesOf(replay.model.plant, query) ?? [];
  for (const scope of scopes.toSorted((a, b) => compareCodePoints(a.path, b.path))) {
    for (const [from, to] of partsOf(query, scope)) {
      yield* replay.report({ ...query, scope, from, to }, now) ?? [];
    }
  }
}

/** Segments of stops, by machine and time (ST-5). */
export function* segmentsOf(
  replay: Replay,
  query: Pick<ReportQuery, "from" | "to" | "scope">,
  now: number,
): Iterable<StopSegment> {
  const { scopes } = replay.model.plant;
  for (const machine of query.scope.machines.toSorted((a, b) => compareCodePoints(a.id, b.id))) {
    const scope = scopes.get(machine.path);
    if (scope === undefined) continue;
    for (const stop of replay.stops({ ...query, scope }, now)) yield { ...stop, machine: machine.path };
  }
}

/** The period, cut where local days begin, and where minutes and hours begin too. */
function* partsOf({ every, from, to }: ReportQuery, { timezone, periods }: Scope): Iterable<readonly [number, number]> {
  const daysAtOnce = every === null ? null : DAYS_AT_ONCE[every];
  if (daysAtOnce === null) {
    yield [from, to];
    return;
  }
  const days = periodsOf("day", timezone, periods, from, to);
  for (let i = 0; i < days.length; i += daysAtOnce) {
    const end = days[i + daysAtOnce];
    yield [Math.max(from, days[i]?.from ?? from), end === undefined ? to : end.from];
  }
}
