import type { Column } from "../table/DataTable.tsx";

/** Opens a row's entry to change it; the CSV does without. */
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
