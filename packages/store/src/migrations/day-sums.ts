/** Sums of whole days beside the minutes that they are sums of, so that a quarter need not be read minute by minute. */
import type { Migration } from "./migration.ts";

export const DAY_SUMS: Migration = {
  number: 5,
  name: "sums of days",
  statements: [
    `CREATE TABLE IF NOT EXISTS oee.kpi_day_writes {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  date Date COMMENT 'date in UTC',
  writes SimpleAggregateFunction(sum, UInt64) COMMENT 'rows of kpi_minutes of this date that were written more than an hour after their minute',
  last SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'when the last of them was written'
) ENGINE = {aggregate} PARTITION BY toYYYYMM(date) ORDER BY (machine, date)
{settings} COMMENT 'How often past minutes were written: tells whether kpi_days still holds; sum(writes), max(last)'`,

    `CREATE MATERIALIZED VIEW IF NOT EXISTS oee.kpi_day_writes_of_minutes {onCluster} TO oee.kpi_day_writes AS
SELECT machine, toDate(minute) AS date, count() AS writes, now('UTC') AS last
FROM oee.kpi_minutes WHERE minute < now('UTC') - toIntervalHour(1) GROUP BY machine, date
COMMENT 'Fills kpi_day_writes as past minutes are stored'`,

    `CREATE TABLE IF NOT EXISTS oee.kpi_days {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  from_time DateTime('UTC') COMMENT 'start of the local day' CODEC(DoubleDelta, ZSTD(1)),
  to_time DateTime('UTC') COMMENT 'its end, exclusive' CODEC(DoubleDelta, ZSTD(1)),
  place UInt64 COMMENT 'digest of product, takt, cost and decimals; 0: no sum, but that the day has been summed',
  stamp UInt64 COMMENT 'writes of the dates that the day touches when it was summed, see kpi_day_writes' CODEC(ZSTD(1)),
  product LowCardinality(String) COMMENT 'product; empty: none',
  first_minute DateTime('UTC') COMMENT 'first minute that is summed' CODEC(ZSTD(1)),
  last_minute DateTime('UTC') COMMENT 'last minute that is summed' CODEC(ZSTD(1)),
  run_time_ms Int64 COMMENT 'production; milliseconds',
  minor_stop_time_ms Int64 COMMENT 'minor stops; milliseconds',
  unplanned_stop_time_ms Int64 COMMENT 'stops that are not minor; milliseconds',
  setup_time_ms Int64 COMMENT 'setup in scheduled time; milliseconds',
  planned_stop_time_ms Int64 COMMENT 'planned stops in scheduled time; milliseconds',
  not_planned_time_ms Int64 COMMENT 'breaks, no demand, unscheduled; milliseconds',
  unknown_time_ms Int64 COMMENT 'no data in scheduled time: outside every ratio; milliseconds',
  failure_time_ms Int64 COMMENT 'the part of unplanned_stop_time_ms inside failures; milliseconds',
  good_count Int64 COMMENT 'good items; number',
  scrap_count Int64 COMMENT 'scrapped items; number',
  rework_count Int64 COMMENT 'items to rework: produced, not good the first time; number',
  ideal_time_us Int64 COMMENT 'ideal cycle x (good + scrap + rework); microseconds',
  ideal_good_time_us Int64 COMMENT 'ideal cycle x good; microseconds',
  startup_loss_time_us Int64 COMMENT 'ideal cycle x (scrap + rework) of counts marked startup; microseconds',
  failure_count Int64 COMMENT 'failures, at their first scheduled instant; number',
  repair_count Int64 COMMENT 'repairs ended, at their last scheduled millisecond; number',
  repair_time_ms Int64 COMMENT 'of the repairs that ended; milliseconds',
  stop_count Int64 COMMENT 'stops that are not minor, at their first scheduled instant; number',
  minor_stop_count Int64 COMMENT 'minor stops, at their first scheduled instant; number',
  takt_us Nullable(Int64) COMMENT 'takt in force; microseconds per item' CODEC(ZSTD(1)),
  cost_per_hour Nullable(Float64) COMMENT 'cost of an hour of unplanned stop; currency of the plant' CODEC(ZSTD(1)),
  decimals UInt8 COMMENT 'good_count, scrap_count and rework_count are whole numbers of 10^-decimals units'
) ENGINE = {merge stamp} PARTITION BY toYYYYMM(from_time) ORDER BY (machine, from_time, to_time, place)
{settings} COMMENT 'Sums of kpi_minutes over local days, made again where their minutes were written: ask kpi_minutes_final'`,
  ],
};
