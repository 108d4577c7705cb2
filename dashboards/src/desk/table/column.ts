/** A column of a table, on the page and in its CSV. */
import type { ReactNode } from "react";
import type { CsvValue } from "./csv.ts";

export interface Column<R> {
  /** The column's name in the API, which is its header in CSV. */
  readonly name: string;
  readonly label: string;
  /** The value as the API has it. */
  readonly value: (row: R) => CsvValue;
  readonly text: (row: R) => string;
  /** Whether the values are numbers, also where none is known; a text is a decimal number (money). */
  readonly numeric?: true;
  /** Whether the value of a row may name a person; the audit gets a line about a CSV that has such a row. */
  readonly person?: (row: R) => boolean;
  /** The column draws values of other columns and is not in the CSV. */
  readonly drawn?: true;
  /** What is shown in place of the text. */
  readonly shown?: (row: R) => ReactNode;
}

/** A column of figures, which `write` writes; `null`: not known. */
export function figureColumn<R, V extends number | string | null>(
  name: string,
  label: string,
  value: (row: R) => V,
  write: (value: V) => string,
): Column<R> {
  return { name, label, value, text: (row) => write(value(row)), numeric: true };
}
