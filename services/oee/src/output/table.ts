/**
 * Answers as tables for people: local times, percentages, durations in words. Columns without a value in any record are left out.
 * Long answers come as several tables, each with its header, so that memory stays bounded.
 */
import CliTable from "cli-table3";
import { DASH } from "./for-people.ts";
import { printable } from "./printable.ts";

export interface TableColumn<R> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (record: R) => string;
  /** Whether the column has nothing to say of a record; one that has nothing to say of any is left out. */
  readonly silent?: (record: R) => boolean;
  /** Where the terminal is too narrow for all columns, this one may be left out: the higher, the sooner. */
  readonly spare?: number;
}

export interface Table<R> {
  readonly columns: readonly TableColumn<R>[];
  /** The text that is written where there are no records. */
  readonly empty: string;
  /** What is to be known of records that carry a mark; `null` where none does. */
  readonly note: (records: readonly R[]) => string | null;
}

const RECORDS_MAX = 2000;

/** `widthMax` is how many characters a line of the terminal has; `null` where there is none. */
export function* tablesOf<R>(records: Iterable<R>, table: Table<R>, widthMax: number | null): Iterable<string> {
  let batch: R[] = [];
  let found = false;
  for (const record of records) {
    found = true;
    batch.push(record);
    if (batch.length < RECORDS_MAX) continue;
    yield textOf(batch, table, widthMax);
    batch = [];
  }
  if (batch.length > 0) yield textOf(batch, table, widthMax);
  if (!found) yield `${table.empty}\n`;
}

function textOf<R>(records: readonly R[], { columns, note }: Table<R>, widthMax: number | null): string {
  const speaking = columns.filter(({ silent }) => silent === undefined || !records.every(silent));
  const left = widthMax === null ? [] : leftOut(records, speaking, widthMax);
  const lines = linesOf(
    records,
    speaking.filter((column) => !left.includes(column)),
  );
  if (left.length > 0) {
    lines.push(`not shown in ${widthMax} columns: ${left.map(({ title }) => title).join(", ")} (--format csv has all)`);
  }
  const said = note(records);
  if (said !== null) lines.push(said);
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** The spare columns that have to go so that lines are no longer than `widthMax`, or all of them. */
function leftOut<R>(records: readonly R[], columns: readonly TableColumn<R>[], widthMax: number): TableColumn<R>[] {
  let width = widthOf(linesOf(records, columns));
  const left = new Set<TableColumn<R>>();
  for (const column of columns.toSorted((a, b) => (b.spare ?? 0) - (a.spare ?? 0))) {
    if (width <= widthMax || column.spare === undefined) break;
    width -= widthOf(linesOf(records, [column])) + BORDERS.middle.length;
    left.add(column);
  }
  return columns.filter((column) => left.has(column));
}

/** The head is as wide as the table, and of characters that are one column wide. */
function widthOf(lines: readonly string[]): number {
  return lines[0]?.length ?? 0;
}

function linesOf<R>(records: readonly R[], columns: readonly TableColumn<R>[]): string[] {
  const table = new CliTable({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align),
    chars: BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const record of records) table.push(columns.map(({ cell }) => printable(cell(record)) || DASH));
  return table.toString().split("\n");
}

const BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};
