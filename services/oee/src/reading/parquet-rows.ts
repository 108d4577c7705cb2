/** Events from Parquet, a row group at a time; a row group must fit in memory. Its index is at the end of the file. */
import { eventRow } from "@oee/model";
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { Failure, reasonOf } from "../failure.ts";
import type { Chunks, Input } from "./bytes.ts";
import type { EventSink } from "./read-events.ts";
import { handRows } from "./row.ts";

/** Parquet that comes through a pipe or compressed is held whole. */
const HELD_BYTES_MAX = 256 << 20;

export async function readParquet({ chunks, handle }: Input, sink: EventSink): Promise<void> {
  try {
    const file = handle === null ? await held(chunks) : await fromFile(handle);
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(({ element }) => ({ name: element.name }));
    let number = 0;
    for (const group of metadata.row_groups) {
      const rowStart = number;
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors, parsers: PARSERS });
      number = await handRows(rowsOf(rows, columns), number, sink);
    }
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure(`the Parquet file is damaged: ${reasonOf(error)}`, { cause: error });
  }
}

function* rowsOf(rows: readonly Record<string, unknown>[], columns: readonly { name: string }[]): Iterable<object> {
  for (const row of rows) yield eventRow(columns, ({ name }): unknown => row[name]);
}

/** Instants as epoch milliseconds; what is finer is cut (P-2). */
const PARSERS = {
  timestampFromMilliseconds: (ms: bigint): number => Number(ms),
  timestampFromMicroseconds: (us: bigint): number => Math.floor(Number(us) / 1e3),
  timestampFromNanoseconds: (ns: bigint): number => Math.floor(Number(ns / 1000n) / 1e3),
};

async function fromFile(handle: NonNullable<Input["handle"]>): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      for (let read = 0; read < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, read, bytes.length - read, start + read);
        if (bytesRead === 0) throw new Failure("the file became shorter while it was read");
        read += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function held(chunks: Chunks): Promise<AsyncBuffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > HELD_BYTES_MAX) {
      throw new Failure(`Parquet beyond ${HELD_BYTES_MAX >> 20} MiB has to be an uncompressed file, found a stream`);
    }
    pieces.push(chunk.slice());
  }
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return { byteLength: length, slice: (start, end) => bytes.slice(start, end).buffer };
}
