/**
 * Events out of one input, in its order: NDJSON or other JSON, Arrow IPC (file or stream) or Parquet, told apart by their first bytes,
 * so that standard input and odd file names work too; and what `oee export --table events` wrote, as CSV too. Delivers what stands
 * before damage, then throws `Failure`.
 */
import { LINE_BYTES_MAX, NdjsonSplitter } from "@oee/model";
import { Failure } from "../failure.ts";
import { type Input, openInput } from "./bytes.ts";
import type { EventSink } from "./event-sink.ts";
import { ExportedEvents, looksExported } from "./exported-events.ts";
import { type Format, formatOf } from "./format.ts";
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
  const exported = new ExportedEvents(sink);
  const rows: EventSink = {
    line: (...line) => exported.line(...line),
    lineRefused: (...refused) => sink.lineRefused(...refused),
    row: (...row) => exported.row(...row),
    withoutZone: (columns) => sink.withoutZone?.(columns),
    room: async () => sink.room?.(),
  };
  try {
    await readAs(formatOf(input.head), input, sink, rows);
  } finally {
    exported.finish();
  }
}

/** `rows` takes what may be rows of an export, `sink` lines that are none. */
async function readAs(format: Format, input: Input, sink: EventSink, rows: EventSink): Promise<void> {
  const lines = looksExported(Buffer.from(input.head).toString("latin1")) ? rows : sink;
  switch (format) {
    case "ndjson":
      return readLines(
        input,
        sink,
        new NdjsonSplitter(lines.line, lines.lineRefused, LINE_BYTES_MAX, lines.takeLine ?? null),
      );
    case "json":
      return readLines(input, sink, new JsonValues(lines.line, lines.lineRefused, LINE_BYTES_MAX));
    case "exported-csv":
      return (await import("./csv-rows.ts")).readCsv(input, rows);
    case "arrow":
      return (await import("./arrow-rows.ts")).readArrow(input, rows);
    case "parquet":
      return (await import("./parquet-rows.ts")).readParquet(input, rows);
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
