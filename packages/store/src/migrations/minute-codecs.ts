/**
 * Codecs of those columns of minute rows that take the most room, which had ClickHouse's default (LZ4) before. Counts of a machine lie
 * close together, so that T64 leaves a few bits of each; times and ideal times repeat, which ZSTD finds; versions grow by nearly
 * the same. Parts get them as they are written or merged: `OPTIMIZE TABLE oee.kpi_minutes FINAL` writes all of them anew.
 */
import type { Migration } from "./migration.ts";

export const MINUTE_CODECS: Migration = {
  number: 9,
  name: "codecs of minutes",
  statements: [
    `ALTER TABLE oee.kpi_minutes {onCluster}
  MODIFY COLUMN run_time_ms CODEC(ZSTD(1)),
  MODIFY COLUMN minor_stop_time_ms CODEC(ZSTD(1)),
  MODIFY COLUMN unplanned_stop_time_ms CODEC(ZSTD(1)),
  MODIFY COLUMN good_count CODEC(T64, ZSTD(1)),
  MODIFY COLUMN ideal_time_us CODEC(ZSTD(1)),
  MODIFY COLUMN ideal_good_time_us CODEC(ZSTD(1)),
  MODIFY COLUMN version CODEC(Delta, T64, ZSTD(1))`,
  ],
};
