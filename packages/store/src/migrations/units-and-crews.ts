/** Quantities with decimals (CN-5), and the crew that works a shift (CA-6). */
import type { Migration } from "./migration.ts";

export const UNITS_AND_CREWS: Migration = {
  number: 2,
  name: "decimals of quantities, crews of shifts",
  statements: [
    `ALTER TABLE oee.kpi_minutes {onCluster} ADD COLUMN IF NOT EXISTS decimals UInt8
  COMMENT 'good_count, scrap_count and rework_count are whole numbers of 10^-decimals units; the view shows units' AFTER cost_per_hour`,

    `ALTER TABLE oee.stops {onCluster} ADD COLUMN IF NOT EXISTS crew LowCardinality(String)
  COMMENT 'who works the shift; empty: nobody is named' AFTER shift_date`,

    `CREATE OR REPLACE VIEW oee.kpi_minutes_final {onCluster} AS
SELECT * EXCEPT (product, shift, shift_date, decimals, version, deleted)
    REPLACE (good_count / intExp10(decimals) AS good_count, scrap_count / intExp10(decimals) AS scrap_count,
      rework_count / intExp10(decimals) AS rework_count),
  nullIf(product, '') AS product, nullIf(shift, '') AS shift, CAST(nullIf(shift_date, ''), 'Nullable(Date)') AS shift_date,
  run_time_ms + minor_stop_time_ms AS operating_time_ms,
  run_time_ms + minor_stop_time_ms + unplanned_stop_time_ms + setup_time_ms + planned_stop_time_ms AS planned_time_ms,
  (kpi_minutes.good_count + kpi_minutes.scrap_count + kpi_minutes.rework_count) / intExp10(decimals) AS produced_count
FROM oee.kpi_minutes FINAL
COMMENT 'Components in force per machine, minute, product and shift, quantities in the unit: sum them, then divide'`,

    `CREATE OR REPLACE VIEW oee.stops_final {onCluster} AS
SELECT * EXCEPT (reason, product, shift, shift_date, crew, corrected_by, version, deleted),
  nullIf(reason, '') AS reason, nullIf(product, '') AS product, nullIf(shift, '') AS shift,
  CAST(nullIf(shift_date, ''), 'Nullable(Date)') AS shift_date, nullIf(crew, '') AS crew,
  nullIf(corrected_by, '') AS corrected_by
FROM oee.stops FINAL COMMENT 'Segments of stops in force'`,
  ],
};
