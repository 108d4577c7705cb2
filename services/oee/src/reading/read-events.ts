/**
 * Events out of one input, in its order: NDJSON, Arrow IPC (file or stream) or Parquet, told apart by their first bytes,
 * so that standard input and odd file names work too. Delivers what stands before damage, then throws `Failure`.
 */
import { LINE_BYTES_MAX, NdjsonSplitter, type OnLine, type OnLineRefused, type TakeLine } from "@oee/model";
import { Failure } from "../failure.ts";
import { type Input, openInput } from "./bytes.ts";

export interface EventSink {
  readonly line: OnLine;
  /** Lines that are known at sight, where there is a way to know them. */
  readonly takeLine?: TakeLine;
  readonly lineRefused: OnLineRefused;
  /** A row of a columnar file as an object of its columns, nulls left out. Numbers count from 1. */
  row(row: object, number: number): void;
  /** Reading goes on when it resolves; asked for after each chunk, and after some rows. */
  room?(): Promise<void>;
}

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
      return readLines(input, sink);
    case "arrow":
      return (await import("./arrow-rows.ts")).readArrow(input, sink);
    case "parquet":
      return (await import("./parquet-rows.ts")).readParquet(input, sink);
    case "gzip":
      throw new Failure("found gzip within gzip, expected events");
  }
}

function formatOf(head: Uint8Array): "ndjson" | "arrow" | "parquet" | "gzip" {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("PAR1")) return "parquet";
  // A stream begins with the mark of its first message.
  if (text.startsWith("ARROW1") || text.startsWith("\xff\xff\xff\xff")) return "arrow";
  return text.startsWith("\x1f\x8b") ? "gzip" : "ndjson";
}

async function readLines({ chunks }: Input, sink: EventSink): Promise<void> {
  const lines = new NdjsonSplitter(sink.line, sink.lineRefused, LINE_BYTES_MAX, sink.takeLine ?? null);
  try {
    for await (const chunk of chunks) {
      lines.push(chunk);
      await sink.room?.();
    }
  } finally {
    lines.finish();
  }
}
