/** Answers as CSV (RFC 4180, lines end with LF): a header, then a record a line; what is `null` is empty. */
import { formatInstant } from "@oee/model";
import type { Column } from "./columns.ts";

export function* csvOf<R>(records: Iterable<R>, columns: readonly Column<R>[]): Iterable<string> {
  yield `${columns.map(({ name }) => name).join(",")}\n`;
  for (const record of records) yield `${columns.map((column) => fieldOf(column, record)).join(",")}\n`;
}

function fieldOf<R>(column: Column<R>, record: R): string {
  switch (column.kind) {
    case "instant":
      return formatInstant(column.of(record));
    case "text":
      return quoted(column.of(record) ?? "");
    case "number":
    case "flag":
      return String(column.of(record) ?? "");
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
