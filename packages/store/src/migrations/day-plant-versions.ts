/** By which plant files the minutes of a summed day were computed (BL-6). Days that were summed without it are summed again. */
import type { Migration } from "./migration.ts";

export const DAY_PLANT_VERSIONS: Migration = {
  number: 7,
  name: "plant versions of summed days",
  statements: [
    `ALTER TABLE oee.kpi_days {onCluster} ADD COLUMN IF NOT EXISTS plant_versions Array(LowCardinality(String))
  COMMENT 'digests of the plant files by which the minutes were computed, see plants' CODEC(ZSTD(1)) AFTER product`,
    "TRUNCATE TABLE IF EXISTS oee.kpi_days {onCluster}",
  ],
};
