/**
 * Finds the gaps between a machine's stored minute rows. ClickHouse finds them, so that a span of years needs memory here
 * only for its gaps.
 */
import { TIME_COMPONENT_NAMES } from "@oee/model";
import { columnOf } from "./component-columns.ts";
import type { Period } from "./period.ts";
import { mapGivingWay } from "@oee/pacing";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

/** Of one answer; rows are contiguous but where a worker was away, so that a machine has few. */
const ROW_GAPS_MAX = 100_000;

export interface RowGap extends Period {
  readonly machine: string;
}

/**
 * By machine and time: from where a minute's rows end, or where the period begins, to the next minute that has rows, or the
 * period's end. What a minute lacks it lacks at its end. Machines without any row in the period are left out.
 */
export async function gapsInRows(
  transport: Transport,
  { machines, period }: { readonly machines: Machines; readonly period: Period },
): Promise<RowGap[]> {
  const filter = machineFilter(machines);
  const elapsed = `sum(${TIME_COMPONENT_NAMES.map(columnOf).join(" + ")})`;
  const gaps = await transport.rows<{ machine: string; known: string; next: string }>(
    `WITH minutes AS (
  SELECT machine, toInt64(toUnixTimestamp(minute)) * 1000 AS start, toInt64(${elapsed}) AS elapsed
  FROM oee.kpi_minutes FINAL
  WHERE minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
  GROUP BY machine, minute
)
SELECT machine, known, next FROM (
  SELECT machine, start + elapsed AS known, leadInFrame(start, 1, {to:Int64}) OVER (
    PARTITION BY machine ORDER BY start ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next
  FROM minutes
  UNION ALL SELECT machine, {from:Int64} AS known, min(start) AS next FROM minutes GROUP BY machine
) WHERE next > known ORDER BY machine, known LIMIT {limit:UInt32}`,
    {
      ...filter.parameters,
      ...period,
      first: period.from / 1000,
      end: period.to / 1000,
      limit: ROW_GAPS_MAX + 1,
    },
  );
  if (gaps.length > ROW_GAPS_MAX) {
    throw new StoreError(
      "OEE_STORE_TOO_LARGE",
      `the rows leave out more than ${ROW_GAPS_MAX} spans; ask for a shorter period or fewer machines`,
    );
  }
  return mapGivingWay(gaps, ({ machine, known, next }) => ({ machine, from: Number(known), to: Number(next) }));
}
