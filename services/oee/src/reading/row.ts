/** Hands the rows of a columnar file to a sink, numbered, and waits for room between them. */
import type { EventSink } from "./event-sink.ts";

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
