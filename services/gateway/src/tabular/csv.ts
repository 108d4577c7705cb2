/** Answers as CSV (RFC 4180, lines end with LF): a header, then one line for each record; `null` is an empty field. */
import { formatInstant } from "@oee/model";
import type { Column } from "./columns.ts";
import { type TextFormat, textsOf } from "./text-format.ts";

export function csvFormat<R>(columns: readonly Column<R>[]): TextFormat<R> {
  return {
    head: `${columns.map(({ name }) => name).join(",")}\n`,
    textOf: (record) => `${columns.map((column) => fieldOf(column, record)).join(",")}\n`,
    tailOf: () => "",
  };
}

export function csvOf<R>(records: Iterable<R>, columns: readonly Column<R>[]): Iterable<string> {
  return textsOf(records, csvFormat(columns));
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
