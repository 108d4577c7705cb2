/** Answers in the format asked for, piece by piece; what a format needs is loaded with it. */
import type { Column } from "./columns.ts";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";
import type { Table } from "./table.ts";

export type OutputFormat = "table" | "json" | "csv" | "arrow";

/** What the answers to one kind of question have as columns, for programs and for people. */
export interface Layout<R> {
  readonly columns: readonly Column<R>[];
  readonly table: Table<R>;
}

export async function rendered<R extends { readonly from: number; readonly to: number }>(
  records: Iterable<R>,
  format: OutputFormat,
  { columns, table }: Layout<R>,
): Promise<Iterable<string | Uint8Array>> {
  switch (format) {
    case "json":
      return jsonOf(records);
    case "csv":
      return csvOf(records, columns);
    case "arrow":
      return (await import("./arrow.ts")).arrowOf(records, columns);
    case "table":
      return (await import("./table.ts")).tablesOf(records, table);
  }
}
