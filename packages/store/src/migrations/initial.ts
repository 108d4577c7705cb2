/**
 * Migration 1, released with 0.1.0: the tables and views of the first release, word for word. Never edit a statement:
 * every installation has stored the checksum of this text and refuses another. What changes later, a comment too, is a
 * migration of its own.
 */
import type { Migration } from "./migration.ts";

export const INITIAL: Migration = {
  number: 1,
  name: "events, minutes, stops, plants, audit",
  statements: [
    `CREATE TABLE IF NOT EXISTS oee.events {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  type LowCardinality(String) COMMENT 'state, count, total, job or correction',
  at DateTime64(3, 'UTC') COMMENT 'when it happened; of a correction, when it was made' CODEC(Delta, ZSTD(1)),
  topic LowCardinality(String) COMMENT 'topic of the log',
  partition Int32 COMMENT 'partition of the topic',
  offset Int64 COMMENT 'offset of the record in the partition' CODEC(Delta, ZSTD(1)),
  record_index UInt32 COMMENT 'place of the event in the record' CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') COMMENT 'when the log took it' CODEC(Delta, ZSTD(1)),
  id String COMMENT 'identifier given by the producer; empty: none' CODEC(ZSTD(1)),
  is_repeat Bool COMMENT 'true: its id had been seen, it counts for nothing',
  raw String COMMENT 'the event as received, one JSON object' CODEC(ZSTD(3))
) ENGINE = {merge} PARTITION BY toYYYYMM(at) ORDER BY (machine, at, topic, partition, offset, record_index)
{settings} COMMENT 'Raw events as received, one row each; SELECT from events_final'`,

    `CREATE TABLE IF NOT EXISTS oee.kpi_minutes {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  minute DateTime('UTC') COMMENT 'start of the minute' CODEC(DoubleDelta, ZSTD(1)),
  product LowCardinality(String) COMMENT 'product; empty: none',
  shift LowCardinality(String) COMMENT 'name of the shift; empty: outside every shift',
  shift_date LowCardinality(String) COMMENT 'local date on which the shift starts, yyyy-mm-dd; empty: none',
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
  plant_version LowCardinality(String) COMMENT 'digest of the plant file in force, see plants',
  version UInt64 COMMENT 'grows with the place in the log; of one key the row with the newest counts' CODEC(Delta, ZSTD(1)),
  deleted UInt8 COMMENT '1: the row is taken back'
) ENGINE = {merge version, deleted} PARTITION BY toYYYYMM(minute) ORDER BY (machine, minute, product, shift, shift_date)
{settings} COMMENT 'Additive components per machine, minute, product and shift; SELECT from kpi_minutes_final'`,

    `CREATE TABLE IF NOT EXISTS oee.stops {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  from_time DateTime64(3, 'UTC') COMMENT 'start of the segment' CODEC(Delta, ZSTD(1)),
  to_time DateTime64(3, 'UTC') COMMENT 'end of the segment, exclusive; of an open one, the end of what is known' CODEC(Delta, ZSTD(1)),
  stop String COMMENT 'the stop of which the segment is part' CODEC(ZSTD(1)),
  state LowCardinality(String) COMMENT 'state of the machine',
  reason LowCardinality(String) COMMENT 'path in the reason tree; empty: none',
  category LowCardinality(String) COMMENT 'category of the segment',
  failure Bool COMMENT 'whether the segment is a failure by its state and reason',
  minor Bool COMMENT 'whether the stop is a minor one',
  open Bool COMMENT 'whether it went on where knowledge ended',
  duration_ms Int64 COMMENT 'length of the segment; milliseconds' CODEC(T64, ZSTD(1)),
  scheduled_duration_ms Int64 COMMENT 'scheduled time in the segment; milliseconds' CODEC(T64, ZSTD(1)),
  product LowCardinality(String) COMMENT 'product; empty: none',
  shift LowCardinality(String) COMMENT 'name of the shift; empty: outside every shift',
  shift_date LowCardinality(String) COMMENT 'local date on which the shift starts, yyyy-mm-dd; empty: none',
  corrected_by String COMMENT 'who made the correction last in force; empty: none' CODEC(ZSTD(1)),
  plant_version LowCardinality(String) COMMENT 'digest of the plant file in force, see plants',
  version UInt64 COMMENT 'grows with the place in the log; of one key the row with the newest counts' CODEC(Delta, ZSTD(1)),
  deleted UInt8 COMMENT '1: the row is taken back'
) ENGINE = {merge version, deleted} PARTITION BY toYYYYMM(from_time) ORDER BY (machine, from_time)
{settings} COMMENT 'Stops, minor ones too, one row per segment; SELECT from stops_final'`,

    `CREATE TABLE IF NOT EXISTS oee.plants {onCluster} (
  version String COMMENT 'digest of all in the plant file that bears on numbers',
  loaded_at DateTime64(3, 'UTC') COMMENT 'when it was last loaded',
  text String COMMENT 'the plant file' CODEC(ZSTD(6))
) ENGINE = {merge loaded_at} ORDER BY version
{settings} COMMENT 'Plant files by version'`,

    `CREATE TABLE IF NOT EXISTS oee.audit {onCluster} (
  at DateTime64(3, 'UTC') COMMENT 'when it was done',
  id String COMMENT 'identifies the entry',
  actor String COMMENT 'who did it',
  action LowCardinality(String) COMMENT 'what was done: recompute, plant-change, …',
  scope String COMMENT 'machine, line, area, site or * that it was done to',
  from_time Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the span that it bears on',
  to_time Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that span, exclusive',
  plant_version String COMMENT 'plant file in force thereafter',
  detail String COMMENT 'more, as JSON'
) ENGINE = {merge} ORDER BY (at, id)
{settings} COMMENT 'Who recomputed or changed what, and when'`,

    `CREATE VIEW IF NOT EXISTS oee.events_final {onCluster} AS
SELECT machine, type, at, topic, partition, offset, record_index, received_at, nullIf(id, '') AS id, is_repeat, raw
FROM oee.events FINAL COMMENT 'Raw events, each once'`,

    `CREATE VIEW IF NOT EXISTS oee.kpi_minutes_final {onCluster} AS
SELECT * EXCEPT (product, shift, shift_date, version, deleted),
  nullIf(product, '') AS product, nullIf(shift, '') AS shift, CAST(nullIf(shift_date, ''), 'Nullable(Date)') AS shift_date,
  run_time_ms + minor_stop_time_ms AS operating_time_ms,
  run_time_ms + minor_stop_time_ms + unplanned_stop_time_ms + setup_time_ms + planned_stop_time_ms AS planned_time_ms,
  good_count + scrap_count + rework_count AS produced_count
FROM oee.kpi_minutes FINAL COMMENT 'Components in force per machine, minute, product and shift: sum them, then divide'`,

    `CREATE VIEW IF NOT EXISTS oee.stops_final {onCluster} AS
SELECT * EXCEPT (reason, product, shift, shift_date, corrected_by, version, deleted),
  nullIf(reason, '') AS reason, nullIf(product, '') AS product, nullIf(shift, '') AS shift,
  CAST(nullIf(shift_date, ''), 'Nullable(Date)') AS shift_date, nullIf(corrected_by, '') AS corrected_by
FROM oee.stops FINAL COMMENT 'Segments of stops in force'`,
  ],
};
