/** How many sums a summed day has, which tells that none of an older sum of it is left. */
import type { Migration } from "./migration.ts";

export const DAY_SUM_COUNTS: Migration = {
  number: 10,
  name: "numbers of sums of days",
  statements: [
    `ALTER TABLE oee.kpi_days {onCluster} ADD COLUMN IF NOT EXISTS sums UInt32
  COMMENT 'of place 0: how many sums the day has, as far as was seen; 0: not counted' AFTER stamp`,
  ],
};
