/** Running totals that the machine cannot have made (CN-8), one row each. */
import type { Migration } from "./migration.ts";

export const DOUBTED_TOTALS: Migration = {
  number: 6,
  name: "doubted totals",
  statements: [
    `CREATE TABLE IF NOT EXISTS oee.doubted_totals {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  at DateTime64(3, 'UTC') COMMENT 'instant of the total' CODEC(Delta, ZSTD(1)),
  quantity LowCardinality(String) COMMENT 'good, scrap, rework or produced',
  plant_version LowCardinality(String) COMMENT 'digest of the plant file in force, see plants',
  version UInt64 COMMENT 'grows with the place in the log; of one key the row with the newest counts' CODEC(Delta, ZSTD(1)),
  deleted UInt8 COMMENT '1: it is doubted no more'
) ENGINE = {merge version, deleted} PARTITION BY toYYYYMM(at) ORDER BY (machine, at, quantity)
{settings} COMMENT 'Totals that grew faster than maxRatePerHour allows, and that count nothing; SELECT FINAL'`,
  ],
};
