/**
 * Events out of one input, in its order: NDJSON or other JSON, Arrow IPC (file or stream) or Parquet, told apart by their first bytes,
 * so that standard input and odd file names work too. Delivers what stands before damage, then throws `Failure`.
 */
import { LINE_BYTES_MAX, NdjsonSplitter } from "@oee/model";
import { Failure } from "../failure.ts";
import { type Input, openInput } from "./bytes.ts";
import type { EventSink } from "./event-sink.ts";
import { formatOf } from "./format.ts";
import { JsonValues } from "./json-values.ts";

export async function readEvents(name: string, sink: EventSink, onBytes: (bytes: number) => void): Promise<void> {
  const input = await openInput(name, onBytes);
  try {
    await readInput(input, sink);
  } finally {
    await input.close();
  }
}

async function readInput(input: Input, sink: EventSink): Promise<void> {
  switch (formatOf(input.head)) {
    case "ndjson":
      return readLines(
        input,
        sink,
        new NdjsonSplitter(sink.line, sink.lineRefused, LINE_BYTES_MAX, sink.takeLine ?? null),
      );
    case "json":
      return readLines(input, sink, new JsonValues(sink.line, sink.lineRefused, LINE_BYTES_MAX));
    case "arrow":
      return (await import("./arrow-rows.ts")).readArrow(input, sink);
    case "parquet":
      return (await import("./parquet-rows.ts")).readParquet(input, sink);
  }
}

async function readLines({ chunks }: Input, sink: EventSink, lines: NdjsonSplitter | JsonValues): Promise<void> {
  let waiting = false;
  try {
    for await (const chunk of chunks) {
      lines.push(chunk);
      waiting = true;
      await sink.room?.();
      waiting = false;
    }
  } finally {
    // A sink that has no room any more is no damage: the line that its chunk breaks off goes on in the file.
    if (!waiting) lines.finish();
  }
  if (lines instanceof JsonValues && lines.isOpen) {
    throw new Failure("the JSON array has no end: the file may have been cut off");
  }
}
