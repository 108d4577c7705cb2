/**
 * Merges of ten parts and more, in the tables that each write of a worker adds a part to. ClickHouse merges as few as two or three small
 * ones, so that a row is written anew more often. Parts of a month that rests are merged into one all the same, by their age.
 */
import type { Migration } from "./migration.ts";

const TABLES = ["events", "asset_days", "kpi_minutes", "stops"];

export const FEWER_MERGES: Migration = {
  number: 12,
  name: "fewer merges",
  statements: TABLES.map(
    (table) => `ALTER TABLE oee.${table} {onCluster} MODIFY SETTING min_parts_to_merge_at_once = 10`,
  ),
};
