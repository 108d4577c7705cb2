export type { Period } from "./period.ts";
export type { SumKey, SumsQuery } from "./component-sums.ts";
export type { Covered, GroupSums, GroupSumsQuery, RateTimes } from "./group-sums.ts";
export type { SummedRows } from "./summed-answer.ts";
export { EVENTS_BEFORE_MAX, type EventsQuery, type EventType, type HistoryStart } from "./event-queries.ts";
export { EventBatch, type EventHead } from "./event-batch.ts";
export type { DoubtKey } from "./doubted-totals.ts";
export type { EventRecord } from "./event-record.ts";
export type { Inventory } from "./inventory.ts";
export type { ExportQuery, ExportTable } from "./export.ts";
export { AUDIT_ROWS_MAX, AUDIT_SCHEMA_MIN, type AuditExtent, type AuditQuery, type AuditRow } from "./audit-log.ts";
export { AUDIT_PAGE_MAX, type AuditEntry, type PlantFile } from "./journal.ts";
export type { Stamp, StampOf, StoredRow } from "./kpi-minute-table.ts";
export type { Machines } from "./machine-filter.ts";
export type { MigrationReport } from "./migrate.ts";
export type { PlantSpan } from "./plant-versions.ts";
export type { Span } from "./retract.ts";
export type { RowGap } from "./row-gaps.ts";
export type { Retention } from "./retention.ts";
export type {
  AssetSeen,
  LatencyCount,
  LatencyTotal,
  PresentedReview,
  StoredAlert,
  StoredEntry,
  StoredMessage,
  UndeclaredDay,
} from "./review-tables.ts";
export type { RetryPolicy } from "./retry.ts";
export type { ServerOptions, ServerTls } from "./server-transport.ts";
export {
  STOPS_PAGE_MAX,
  type Pareto,
  type ParetoBar,
  type ParetoKey,
  type StopsPage,
  type StopsQuery,
} from "./stop-queries.ts";
export type { StopReasons, StopReasonsQuery } from "./stop-reasons.ts";
export { INSTANTS_MAX } from "./machine-instants.ts";
export type { StatesAround } from "./states-around.ts";
export type { StopKey } from "./stop-table.ts";
export { openStore, type Store, type StoreConnection, type StoreOptions } from "./store.ts";
export type { PartSetAside } from "./set-aside-parts.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
export type { ExportFormat } from "./transport.ts";
export type { KeysWritten, RowKey, VersionSpan, WrittenQuery } from "./written.ts";
