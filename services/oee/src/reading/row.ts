/** Rows of columnar files as the objects that NDJSON would have held. */
import type { EventSink } from "./read-events.ts";

/** Rows between one question for room and the next. */
const ROWS_PER_STEP = 1_000;

/** Hands rows on, numbered on from `number`, and waits for room between. Returns the last number. */
export async function handRows(rows: Iterable<object>, number: number, sink: EventSink): Promise<number> {
  let last = number;
  for (const row of rows) {
    sink.row(row, ++last);
    if (last % ROWS_PER_STEP === 0) await sink.room?.();
  }
  return last;
}

/** Columns without a value are left out; so are structs without one, which some writers make of a missing struct. */
export function rowOf<C extends { readonly name: string }>(
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
  const fields = Object.entries(asObject(value)).filter(([, field]) => field !== null && field !== undefined);
  return fields.length === 0 ? null : Object.fromEntries(fields);
}

/** Arrow's structs show their fields through `toJSON` alone. */
function asObject(value: object): object {
  if (!("toJSON" in value) || typeof value.toJSON !== "function") return value;
  const json: unknown = value.toJSON();
  return typeof json === "object" && json !== null ? json : value;
}
