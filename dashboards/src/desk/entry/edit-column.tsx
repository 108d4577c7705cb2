import type { Column } from "../table/column.ts";

/** A column with a button that opens a row's entry; it is not in the CSV. */
export function editColumn<R>(label: string, onChange: (row: R) => void): Column<R> {
  return {
    name: "edit",
    drawn: true,
    label,
    value: () => null,
    text: () => "",
    shown: (row) => (
      <button type="button" onClick={() => onChange(row)}>
        {label}
      </button>
    ),
  };
}
