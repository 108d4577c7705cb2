/**
 * Answers as tables for people: local times, percentages, durations in words. Columns that say nothing are left out.
 * Long answers come as several tables, each with its header, so that memory stays bounded.
 */
import CliTable from "cli-table3";
import { DASH } from "./for-people.ts";

export interface TableColumn<R> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (record: R) => string;
  /** Whether the column has nothing to say of a record; one that has nothing to say of any is left out. */
  readonly silent?: (record: R) => boolean;
}

export interface Table<R> {
  readonly columns: readonly TableColumn<R>[];
  /** What stands for a table without records. */
  readonly empty: string;
  /** What is to be known of records that carry a mark; `null` where none does. */
  readonly note: (records: readonly R[]) => string | null;
}

const RECORDS_MAX = 2000;

export function* tablesOf<R>(records: Iterable<R>, table: Table<R>): Iterable<string> {
  let batch: R[] = [];
  let found = false;
  for (const record of records) {
    found = true;
    batch.push(record);
    if (batch.length < RECORDS_MAX) continue;
    yield textOf(batch, table);
    batch = [];
  }
  if (batch.length > 0) yield textOf(batch, table);
  if (!found) yield `${table.empty}\n`;
}

function textOf<R>(records: readonly R[], { columns, note }: Table<R>): string {
  const shown = columns.filter(({ silent }) => silent === undefined || !records.every(silent));
  const table = new CliTable({
    head: shown.map(({ title }) => title),
    colAligns: shown.map(({ align }) => align),
    chars: BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const record of records) table.push(shown.map(({ cell }) => printable(cell(record))));
  const lines = table.toString().split("\n");
  const said = note(records);
  if (said !== null) lines.push(said);
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
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

/** Texts come from plant files and events: no control character of theirs reaches a terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text === "" ? DASH : text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "�");
}
