/**
 * What the store asks of ClickHouse, however it is reached. Both ways speak the same SQL with bound parameters
 * (`{name:Type}`); a call that resolves was acknowledged, one that rejects may have been done all the same.
 */
import type { Readable } from "node:stream";
import type { AnswerRows } from "./native-answer.ts";

export type BoundParameters = Readonly<Record<string, string | number | readonly string[] | readonly number[]>>;

/** Formats in which rows leave the store. */
export type ExportFormat = "JSONEachRow" | "CSVWithNames" | "ArrowStream" | "Parquet";

export interface Transport {
  readonly kind: "server" | "embedded";
  /** Resolves when ClickHouse answered, whatever else it is asked meanwhile. */
  ping(): Promise<void>;
  command(sql: string, parameters?: BoundParameters): Promise<void>;
  /** All rows of a bounded result; 64-bit integers come as texts, so that none is rounded. */
  rows<T>(sql: string, parameters?: BoundParameters): Promise<T[]>;
  /** For large results of numbers: columns as `Float64` or `String`, none nullable. */
  columns(sql: string, parameters: BoundParameters): Promise<AnswerRows>;
  /** `into` is `table (columns)`; `native` the pieces of one block in the Native format with those columns in that order. */
  insert(into: string, native: readonly Uint8Array[]): Promise<void>;
  /** A result of any size, in `format`; the reader must read it to its end or destroy it. */
  stream(sql: string, parameters: BoundParameters, format: ExportFormat): Promise<Readable>;
  close(): Promise<void>;
}

/**
 * `min` and `max` of groups are not compiled: from the fourth use on ClickHouse 26.1 to 26.7 would take an instant before 1970
 * for the latest of all (https://github.com/ClickHouse/ClickHouse/issues/113942).
 */
export const TRUE_INSTANTS = "compile_aggregate_expressions = 0";

/** Exactness over habit: 64-bit integers as texts, and tuples as arrays whatever the server's defaults. */
export const READ_SETTINGS: string =
  `${TRUE_INSTANTS}, ` +
  "output_format_json_quote_64bit_integers = 1, output_format_json_named_tuples_as_objects = 0, " +
  // Not every reader of Arrow has the codecs.
  "output_format_arrow_compression_method = 'none', " +
  // Texts as other answers have them: RFC 3339, and nothing for what is missing.
  "date_time_output_format = 'iso', format_csv_null_representation = '', " +
  // A month never holds a key of another one, and a month in one part needs no merging at all.
  "do_not_merge_across_partitions_select_final = 1";

/**
 * One acknowledged block per statement: no asynchronous insert (it may acknowledge what it then loses), no
 * deduplication by block (keys and versions do that), and a history of a hundred years in one go. Records of one key that
 * come in one block are made one when parts are merged, as those of different blocks are: reads look for the newest anyway.
 */
export const INSERT_SETTINGS: string =
  "async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 1300, optimize_on_insert = 0";
