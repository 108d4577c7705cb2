/** Events from Arrow IPC, a record batch at a time; a batch must fit in memory. */
import { arrowEventRows } from "@oee/model";
import { DataType, RecordBatchReader } from "apache-arrow";
import { Failure, reasonOf } from "../failure.ts";
import type { Chunks, Input } from "./bytes.ts";
import type { EventSink } from "./read-events.ts";
import { handRows } from "./row.ts";

export async function readArrow({ chunks, handle, head }: Input, sink: EventSink): Promise<void> {
  const isFile = head[0] === "A".charCodeAt(0);
  let number = 0;
  try {
    const reader = isFile && handle !== null ? RecordBatchReader.from(handle) : RecordBatchReader.from(copies(chunks));
    for await (const batch of await reader) {
      number = await handRows(
        arrowEventRows(batch, (type) => DataType.isTimestamp(type)),
        number,
        sink,
      );
    }
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure(`the Arrow data is damaged: ${reasonOf(error)}`, { cause: error });
  }
}

/** The reader holds on to what it is given. */
async function* copies(chunks: Chunks): Chunks {
  for await (const chunk of chunks) yield chunk.slice();
}
