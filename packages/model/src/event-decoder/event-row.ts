/** Makes of a row of columns (Arrow, Parquet) the object that JSON would have held, for `EventDecoder.decodeValue`. */

/** Columns without a value are left out; so are structs without one, which some writers make of a missing struct. */
export function eventRow<C extends { readonly name: string }>(
  columns: readonly C[],
  valueOf: (column: C) => unknown,
): object {
  const row: Record<string, unknown> = {};
  for (const column of columns) {
    const value = plain(valueOf(column));
    if (value !== null) row[column.name] = value;
  }
  return row;
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || value instanceof Date) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return fields.length === 0 ? null : Object.fromEntries(fields);
}
