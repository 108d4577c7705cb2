/** A table, of a chart's values or of its own. The page shows the figures that its CSV has. */
import type { ReactElement } from "react";
import { useDesk } from "../desk-context.ts";
import type { Span } from "../period.ts";
import { NOT_KNOWN } from "../values.ts";
import { CsvButton } from "./CsvButton.tsx";
import type { Column } from "./column.ts";

/** Most rows that are shown; the CSV has all of them. */
const ROWS_MAX = 500;

export function DataTable<R>(props: {
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  /** Rows whose figures rest on too little data. */
  readonly weak?: (row: R) => boolean;
  /** Whether the page speaks of the row, which is marked then. */
  readonly chosen?: (row: R) => boolean;
  /** The text where there is no row. */
  readonly none?: string;
  /** The span of the rows, for the audit's line about a CSV. */
  readonly span?: Span;
}): ReactElement {
  const { name, caption, columns, rows, keyOf, weak, chosen, none, span } = props;
  const { t } = useDesk();
  const numeric = new Set(
    columns
      .filter(({ value, numeric: known }) => known === true || rows.some((row) => typeof value(row) === "number"))
      .map((column) => column.name),
  );
  return (
    <div className="table">
      <table data-table={name}>
        <caption>
          {caption}
          <CsvButton name={name} columns={columns.filter(({ drawn }) => drawn !== true)} rows={rows} span={span} />
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                data-of={column.name}
                className={numeric.has(column.name) ? "number" : undefined}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_MAX).map((row) => (
            <tr
              key={keyOf(row)}
              data-weak={weak?.(row) === true ? true : undefined}
              aria-current={chosen?.(row) === true ? true : undefined}
            >
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} numeric={numeric.has(column.name)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_MAX ? <p className="muted">{t("desk.more", { count: rows.length - ROWS_MAX })}</p> : null}
      {rows.length === 0 ? <p className="muted">{none ?? t("desk.nothing")}</p> : null}
    </div>
  );
}

function Cell<R>(props: { readonly column: Column<R>; readonly row: R; readonly numeric: boolean }): ReactElement {
  const { column, row, numeric } = props;
  const { t } = useDesk();
  const value = column.value(row);
  const text = column.text(row);
  return (
    <td
      data-column={column.name}
      data-value={value === null ? "" : String(value)}
      className={numeric ? "number" : undefined}
      title={value === null && text === NOT_KNOWN ? t("desk.notKnown") : undefined}
    >
      {column.shown?.(row) ?? text}
    </td>
  );
}
