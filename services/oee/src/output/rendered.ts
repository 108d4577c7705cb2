/** Renders answers in the requested format, piece by piece; the code of a format is loaded with it. */
import type { Layout as RecordLayout } from "@oee/gateway/tabular/columns";
import { csvOf } from "@oee/gateway/tabular/csv";
import { jsonOf } from "@oee/gateway/tabular/json";
import type { Table } from "./table.ts";

export type OutputFormat = "table" | "json" | "csv" | "arrow";

/** How the answers to one kind of question are laid out, for programs (as the gateway does) and for people. */
export interface Layout<R> extends RecordLayout<R> {
  readonly table: Table<R>;
}

export async function rendered<R>(
  records: Iterable<R>,
  format: OutputFormat,
  { json, columns, table }: Layout<R>,
): Promise<Iterable<string | Uint8Array>> {
  switch (format) {
    case "json":
      return jsonOf(records, json);
    case "csv":
      return csvOf(records, columns);
    case "arrow":
      return (await import("@oee/gateway/tabular/arrow")).arrowOf(records, columns);
    case "table":
      return (await import("./table.ts")).tablesOf(
        records,
        table,
        process.stdout.isTTY ? process.stdout.columns : null,
      );
  }
}
