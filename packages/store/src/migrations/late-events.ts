/**
 * When raw events arrived, and how late (RV-2): indexes by which those that came hours late, or after an instant, are found without
 * reading the others.
 */
import type { Migration } from "./migration.ts";

export const LATE_EVENTS: Migration = {
  number: 8,
  name: "late events by indexes",
  statements: [
    `ALTER TABLE oee.events {onCluster} ADD INDEX IF NOT EXISTS late_by_ms
  toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(at) TYPE minmax GRANULARITY 1`,
    "ALTER TABLE oee.events {onCluster} ADD INDEX IF NOT EXISTS received received_at TYPE minmax GRANULARITY 1",
    // Events that are stored already are indexed in the background.
    "ALTER TABLE oee.events {onCluster} MATERIALIZE INDEX late_by_ms",
    "ALTER TABLE oee.events {onCluster} MATERIALIZE INDEX received",
  ],
};
