/**
 * The database as numbered migrations. What was released is never edited; a change is a migration of its own, in a file
 * of its own beside the first: `ALTER TABLE … ADD COLUMN IF NOT EXISTS …` for a new component, then `CREATE OR REPLACE VIEW`
 * for the view that shows it (`SELECT *` is fixed when the view is made); `ALTER TABLE … COMMENT COLUMN …` for a comment.
 */
import { ASSET_DAYS_BY_WRITER } from "./migrations/asset-days-by-writer.ts";
import { AUDIT_LOG } from "./migrations/audit-log.ts";
import { CHEAPER_MERGES } from "./migrations/cheaper-merges.ts";
import { DAY_PLANT_VERSIONS } from "./migrations/day-plant-versions.ts";
import { DAY_SUM_COUNTS } from "./migrations/day-sum-counts.ts";
import { DAY_SUMS } from "./migrations/day-sums.ts";
import { DOUBTED_TOTALS } from "./migrations/doubted-totals.ts";
import { FEWER_MERGES } from "./migrations/fewer-merges.ts";
import { INITIAL } from "./migrations/initial.ts";
import { LATE_EVENTS } from "./migrations/late-events.ts";
import type { Migration } from "./migrations/migration.ts";
import { MINUTE_CODECS } from "./migrations/minute-codecs.ts";
import { REVIEW } from "./migrations/review.ts";
import { UNITS_AND_CREWS } from "./migrations/units-and-crews.ts";

export const MIGRATIONS: readonly Migration[] = [
  INITIAL,
  UNITS_AND_CREWS,
  REVIEW,
  AUDIT_LOG,
  DAY_SUMS,
  DOUBTED_TOTALS,
  DAY_PLANT_VERSIONS,
  LATE_EVENTS,
  MINUTE_CODECS,
  DAY_SUM_COUNTS,
  ASSET_DAYS_BY_WRITER,
  FEWER_MERGES,
  CHEAPER_MERGES,
];
