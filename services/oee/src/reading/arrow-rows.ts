/** Events from Arrow IPC, a record batch at a time; a batch must fit in memory. */
import { arrowEventBatches, columnsWithoutZone } from "@oee/worker";
import { Failure, reasonOf } from "../failure.ts";
import { copies, type Input } from "./bytes.ts";
import type { EventSink } from "./event-sink.ts";
import { handRows } from "./row.ts";

export async function readArrow({ chunks, handle, head }: Input, sink: EventSink): Promise<void> {
  const isFile = head[0] === "A".charCodeAt(0);
  let number = 0;
  try {
    const batches = arrowEventBatches(isFile && handle !== null ? handle : copies(chunks), (schema) =>
      sink.withoutZone?.(columnsWithoutZone(schema)),
    );
    for await (const rows of batches) {
      number = await handRows(rows, number, sink);
    }
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure(`the Arrow data cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}
