/** By which plant files the stored rows of a period were computed (BL-6); of summed days, those of the minutes that were summed. */
import { daysInPeriods } from "./component-sums.ts";
import { DAY_SUMS_DEFAULT, type DaySumsPolicy, minutesAndDays } from "./day-sums.ts";
import { machineFilter } from "./machine-filter.ts";
import type { Period } from "./period.ts";
import type { Transport } from "./transport.ts";

export interface PlantVersionsQuery {
  readonly machines: readonly string[];
  /** Begins and ends at whole minutes. */
  readonly period: Period;
  /** Starts of local days, as in `SumsQuery`. */
  readonly days?: readonly number[];
}

/** Digests of plant files, in the order of code points. */
export async function plantVersions(
  transport: Transport,
  { machines, period, days = [] }: PlantVersionsQuery,
  policy: DaySumsPolicy = DAY_SUMS_DEFAULT,
): Promise<readonly string[]> {
  const summed = await daysInPeriods(transport, { machines, periods: [period], by: [], days }, policy);
  const found = await versionsIn(transport, machines, period, summed);
  // A process of an older version, which still runs while this one is taken up, sums days without them.
  return found.includes("") ? versionsIn(transport, machines, period, []) : found;
}

async function versionsIn(
  transport: Transport,
  machines: readonly string[],
  period: Period,
  summed: readonly Period[],
): Promise<readonly string[]> {
  const filter = machineFilter(machines);
  const from = minutesAndDays(filter.sql, period, summed);
  const rows = await transport.rows<{ version: string }>(
    `SELECT DISTINCT arrayJoin(if(empty(plant_versions), [''], plant_versions)) AS version FROM (${from.sql}) ORDER BY version`,
    { ...filter.parameters, ...from.parameters },
  );
  return rows.map(({ version }) => version);
}
