/**
 * By which plant files the stored rows of a period were computed (BL-6), and from when on. Of days that are kept as sums it is those
 * of the minutes that were summed, and the first of these.
 */
import { askDaysInPeriods } from "./component-sums.ts";
import { DAY_SUMS_DEFAULT, type DaySumsPolicy, minutesAndDays, type SummedDay } from "./day-sums.ts";
import { machineFilter } from "./machine-filter.ts";
import type { Period } from "./period.ts";
import type { Transport } from "./transport.ts";

const SECOND_MS = 1000;
const MINUTE_S = 60;

export interface PlantVersionsQuery {
  readonly machines: readonly string[];
  /** Begins and ends at whole minutes. */
  readonly period: Period;
  /** Starts of local days, as in `SumsQuery`. */
  readonly days?: readonly number[];
}

/** A plant file that made rows. */
export interface PlantVersion {
  readonly version: string;
  /** Epoch ms: the first minute of its rows, or, of a day that is kept as sums, that of all rows of the day. */
  readonly from: number;
}

/** A span of one machine's stored rows that one plant file made; minutes without rows within it belong to it. */
export interface PlantSpan {
  readonly version: string;
  /** Epoch ms: its first minute. */
  readonly from: number;
  /** Epoch ms: the end of its last minute, or of minutes without rows after it. */
  readonly to: number;
}

interface SpanJson {
  readonly plant: string;
  /** First and last minute, in seconds since 1970. */
  readonly first: number;
  readonly last: number;
}

/**
 * By time; one after the other, with nothing between two but minutes without rows. Where only one plant file has rows, merged or
 * not, its first and last minute tell; each minute is looked at where several have.
 */
export async function plantSpans(transport: Transport, machine: string): Promise<readonly PlantSpan[]> {
  const versions = await transport.rows<SpanJson & { readonly rows: string }>(
    `SELECT toString(plant_version) AS plant, toUnixTimestamp(min(minute)) AS first, toUnixTimestamp(max(minute)) AS last,
  countIf(deleted = 0) AS rows
FROM oee.kpi_minutes WHERE machine = {machine:String} GROUP BY plant ORDER BY first`,
    { machine },
  );
  const shared = sharedMinutes(versions);
  const found = shared === null ? [] : await spansByMinute(transport, machine, shared.first, shared.last);
  for (const { plant, first, last, rows } of versions) {
    if (Number(rows) === 0) continue;
    if (shared === null) found.push({ plant, first, last });
    else {
      found.push({ plant, first, last: Math.min(last, shared.first - MINUTE_S) });
      found.push({ plant, first: Math.max(first, shared.last + MINUTE_S), last });
    }
  }
  const spans: PlantSpan[] = [];
  for (const { plant, first, last } of found.toSorted((one, other) => one.first - other.first)) {
    if (first > last) continue;
    const before = spans.at(-1);
    const end = (last + MINUTE_S) * SECOND_MS;
    if (before?.version === plant) spans[spans.length - 1] = { ...before, to: end };
    else spans.push({ version: plant, from: first * SECOND_MS, to: end });
  }
  return spans;
}

/** From the first to the last minute that lies among the rows of several plant files, which are given by their first; `null`: none does. */
function sharedMinutes(versions: readonly SpanJson[]): Pick<SpanJson, "first" | "last"> | null {
  let [from, to, reached] = [Infinity, -Infinity, -Infinity];
  for (const { first, last } of versions) {
    if (first <= reached) {
      from = Math.min(from, first);
      to = Math.max(to, Math.min(reached, last));
    }
    reached = Math.max(reached, last);
  }
  return from === Infinity ? null : { first: from, last: to };
}

function spansByMinute(transport: Transport, machine: string, from: number, to: number): Promise<SpanJson[]> {
  return transport.rows<SpanJson>(
    `SELECT any(plant) AS plant, min(at) AS first, max(at) AS last
FROM (
  SELECT at, plant, sum(plant != before) OVER (ORDER BY at) AS span
  FROM (
    SELECT at, plant, lagInFrame(plant, 1, '') OVER (ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM (
      SELECT toUnixTimestamp(minute) AS at, argMax(toString(plant_version), version) AS plant
      FROM oee.kpi_minutes FINAL
      WHERE machine = {machine:String} AND minute >= toDateTime({from:UInt32}, 'UTC') AND minute <= toDateTime({to:UInt32}, 'UTC')
      GROUP BY at
    )
  )
)
GROUP BY span ORDER BY first`,
    { machine, from, to },
  );
}

/** By digest, in the order of code points. */
export async function plantVersions(
  transport: Transport,
  { machines, period, days = [] }: PlantVersionsQuery,
  policy: DaySumsPolicy = DAY_SUMS_DEFAULT,
): Promise<readonly PlantVersion[]> {
  const query = { machines, periods: [period], by: [], days };
  const found = await askDaysInPeriods(transport, query, policy, (summed) =>
    versionsIn(transport, machines, period, summed),
  );
  // A process of an older version, which still runs while this one is taken up, sums days without them.
  return found.some(({ version }) => version === "") ? versionsIn(transport, machines, period, []) : found;
}

async function versionsIn(
  transport: Transport,
  machines: readonly string[],
  period: Period,
  summed: readonly SummedDay[],
): Promise<readonly PlantVersion[]> {
  const filter = machineFilter(machines);
  const from = minutesAndDays(filter.sql, period, summed);
  const rows = await transport.rows<{ version: string; first: number | string }>(
    `SELECT arrayJoin(if(empty(plant_versions), [''], plant_versions)) AS version, min(first_second) AS first
FROM (${from.sql}) GROUP BY version ORDER BY version`,
    { ...filter.parameters, ...from.parameters },
  );
  return rows.map(({ version, first }) => ({ version, from: Number(first) * SECOND_MS }));
}
