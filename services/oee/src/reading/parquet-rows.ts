/** Events from Parquet, a row group at a time; a row group must fit in memory. Its index is at the end of the file. */
import { eventRow } from "@oee/model";
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { Failure, reasonOf } from "../failure.ts";
import type { Chunks, Input } from "./bytes.ts";
import type { EventSink } from "./event-sink.ts";
import { handRows } from "./row.ts";

/** Parquet that comes through a pipe or compressed is held whole. */
const HELD_BYTES_MAX = 256 << 20;

export async function readParquet({ chunks, handle }: Input, sink: EventSink): Promise<void> {
  try {
    const file = handle === null ? await held(chunks) : await fromFile(handle);
    const metadata = await parquetMetadataAsync(file);
    const { children } = parquetSchema(metadata);
    sink.withoutZone?.(children.filter(isWithoutZone).map(({ element }) => element.name));
    const columns = children.map((column) => ({
      name: column.element.name,
      exact: exactly(column),
    }));
    let number = 0;
    for (const group of metadata.row_groups) {
      const rowStart = number;
      const rowEnd = rowStart + Number(group.num_rows);
      if (rowEnd - rowStart > GROUP_ROWS_MAX) {
        throw new Failure(`found a row group of ${rowEnd - rowStart} rows, expected at most ${GROUP_ROWS_MAX}`);
      }
      const rows = await parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        compressors: BOUNDED,
        parsers: PARSERS,
      });
      number = await handRows(rowsOf(rows, columns), number, sink);
    }
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure(`the Parquet file is damaged: ${reasonOf(error)}`, { cause: error });
  }
}

/** A row group is in memory whole; a file may claim any number of rows in a few bytes. */
const GROUP_ROWS_MAX = 20_000_000;
const PAGE_BYTES_MAX = 512 << 20;

const BOUNDED = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (bytes: Uint8Array, length: number) => {
      if (length > PAGE_BYTES_MAX) throw new Error(`a page of ${length} bytes, expected at most ${PAGE_BYTES_MAX}`);
      return decompress(bytes, length);
    },
  ]),
);

interface Column {
  readonly name: string;
  readonly exact: (value: unknown) => unknown;
}

function* rowsOf(rows: readonly Record<string, unknown>[], columns: readonly Column[]): Iterable<object> {
  for (const row of rows) yield eventRow(columns, ({ name, exact }): unknown => exact(row[name]));
}

type ParquetColumn = ReturnType<typeof parquetSchema>;

function isWithoutZone({ element: { logical_type: type } }: ParquetColumn): boolean {
  return type?.type === "TIMESTAMP" && !type.isAdjustedToUTC;
}

/** Decimals come as a product of doubles, which is a little off: they get the digits that the column has. */
function exactly({ element, children }: ParquetColumn): (value: unknown) => unknown {
  const { scale = 0, converted_type: converted, logical_type: logical } = element;
  if (scale > 0 && (converted === "DECIMAL" || logical?.type === "DECIMAL")) {
    return (value) => (typeof value === "number" ? Number(value.toFixed(Math.min(scale, 100))) : value);
  }
  const inner = children.map((child) => [child.element.name, exactly(child)] as const);
  if (inner.length === 0) return (value) => value;
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const fields: Record<string, unknown> = { ...value };
    for (const [name, exact] of inner) if (fields[name] !== undefined) fields[name] = exact(fields[name]);
    return fields;
  };
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
