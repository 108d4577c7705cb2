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
const MINUTE_MS = 60 * SECOND_MS;

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
  /** Epoch ms: the end of its last minute. */
  readonly to: number;
}

/** By time; one after the other, with nothing between two but minutes without rows. */
export async function plantSpans(transport: Transport, machine: string): Promise<readonly PlantSpan[]> {
  const of = "FROM oee.kpi_minutes FINAL WHERE machine = {machine:String}";
  const changes = await transport.rows<{ plant: string; first: number; last: number }>(
    `SELECT any(plant) AS plant, min(at) AS first, max(at) AS last
FROM (
  SELECT at, plant, sum(plant != before) OVER (ORDER BY at) AS span
  FROM (
    SELECT at, plant, lagInFrame(plant, 1, '') OVER (ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM (SELECT toUnixTimestamp(minute) AS at, argMax(toString(plant_version), version) AS plant ${of} GROUP BY at)
  )
)
GROUP BY span ORDER BY first`,
    { machine },
  );
  return changes.map(({ plant, first, last }) => ({
    version: plant,
    from: first * SECOND_MS,
    to: last * SECOND_MS + MINUTE_MS,
  }));
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
