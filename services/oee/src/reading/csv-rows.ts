/** Rows of CSV with a header (RFC 4180), as objects by column; an empty field is left out. */
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { LINE_BYTES_MAX } from "@oee/model";
import { Failure, reasonOf } from "../failure.ts";
import { copies, type Input } from "./bytes.ts";
import type { EventSink } from "./event-sink.ts";

/** Rows between one question for room and the next. */
const ROWS_PER_STEP = 1_000;

export async function readCsv({ chunks }: Input, sink: EventSink): Promise<void> {
  const parser = parse({
    bom: true,
    columns: true,
    max_record_size: LINE_BYTES_MAX,
    cast: (value) => (value === "" ? null : value),
  });
  const input = Readable.from(copies(chunks));
  input.on("error", (error) => parser.destroy(error));
  let number = 0;
  try {
    for await (const row of input.pipe(parser) as AsyncIterable<object>) {
      sink.row(row, ++number);
      if (number % ROWS_PER_STEP === 0) await sink.room?.();
    }
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`the CSV is damaged: ${reasonOf(error)}`, { cause: error });
  }
}
