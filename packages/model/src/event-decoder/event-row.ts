/** A row of columns (Arrow, Parquet) as the object that JSON would have held, for `EventDecoder.decodeValue`. */

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

/** What an Arrow table and a record batch alike are, as far as rows are made of them. */
interface ArrowColumns<T> {
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: T }[] };
  readonly numRows: number;
  getChildAt(column: number): { get(row: number): unknown } | null;
}

/** The rows of an Arrow table or record batch. `isInstant` tells types whose numbers are epoch milliseconds. */
export function* arrowEventRows<T>(batch: ArrowColumns<T>, isInstant: (type: T) => boolean): Generator<object> {
  const columns = batch.schema.fields.map(({ name, type }, i) => ({
    name,
    cut: isInstant(type),
    values: batch.getChildAt(i),
  }));
  for (let i = 0; i < batch.numRows; i++) {
    yield eventRow(columns, ({ cut, values }): unknown => {
      const value: unknown = values?.get(i) ?? null;
      // What is finer than a millisecond comes as a fraction of it, and is cut (P-2).
      return cut && typeof value === "number" ? Math.floor(value) : value;
    });
  }
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || value instanceof Date) return value;
  const fields = Object.entries(asObject(value)).filter(([, field]) => field !== null && field !== undefined);
  return fields.length === 0 ? null : Object.fromEntries(fields);
}

/** Arrow's structs show their fields through `toJSON` alone. */
function asObject(value: object): object {
  if (!("toJSON" in value) || typeof value.toJSON !== "function") return value;
  const json: unknown = value.toJSON();
  return typeof json === "object" && json !== null ? json : value;
}
