/**
 * Merges that read and write a row half as often, and for less, in the tables that each write of a worker adds a part to.
 *
 * - `merge_selector_base`: parts are merged when together they are so many times as large as the largest of them. By itself (5) ClickHouse
 *   counts each part as 5 MiB and more, so that nine small ones are merged with a large one, which is written anew each time.
 * - Column statistics, which a part has by itself and a merge makes anew, are of no use to queries by machine and time.
 * - Columns that are not in the key of `events` are merged one after the other (vertically), not row by row.
 */
import type { Migration } from "./migration.ts";

const TABLES = ["events", "asset_days", "kpi_minutes", "stops"];

export const CHEAPER_MERGES: Migration = {
  number: 13,
  name: "cheaper merges",
  statements: [
    ...TABLES.flatMap((table) => [
      `{ifKnown merge_selector_base} ALTER TABLE oee.${table} {onCluster} MODIFY SETTING merge_selector_base = 9`,
      `{ifKnown auto_statistics_types} ALTER TABLE oee.${table} {onCluster} MODIFY SETTING auto_statistics_types = ''`,
    ]),
    "ALTER TABLE oee.events {onCluster} MODIFY SETTING vertical_merge_algorithm_min_columns_to_activate = 1",
  ],
};
