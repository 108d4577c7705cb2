/** `asset_days` is filled by who writes raw events. */
import type { Migration } from "./migration.ts";

export const ASSET_DAYS_BY_WRITER: Migration = {
  number: 11,
  name: "days of machines by the writer of events",
  statements: ["DROP VIEW IF EXISTS oee.asset_days_of_events {onCluster}"],
};
