import type { Desk } from "./desk-context.ts";
import { StatusWord } from "./StatusWord.tsx";
import type { Column } from "./table/column.ts";
import { wordOf } from "./words.ts";

/** A column of statuses in words; `null`: the row has none. */
export function statusColumn<Row>(
  desk: Desk,
  name: "state" | "status",
  statusOf: (row: Row) => string | null,
): Column<Row> {
  return {
    name,
    label: desk.t(`column.${name}`),
    value: statusOf,
    text: (row) => wordOf(desk, statusOf(row)),
    shown: (row) => <StatusWord status={statusOf(row)} />,
  };
}
