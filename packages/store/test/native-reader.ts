/** Reads blocks in the Native format by ClickHouse itself (chdb), which finds names and types in them. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createChdbConnection } from "chdb/connection";
import { NativeBlock } from "../src/native-block.ts";
import { type BatchColumn, encodeNative } from "../src/native-column.ts";
import { temporaryFolder } from "./ways.ts";

export interface NativeReader {
  /** The records as ClickHouse reads them, 64-bit numbers and instants as texts; `block` is cleared. */
  read<B extends { readonly length: number }>(
    columns: readonly BatchColumn<B>[],
    records: B,
    block?: NativeBlock,
  ): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openNativeReader(): Promise<NativeReader> {
  const folder = await temporaryFolder();
  const connection = createChdbConnection({ path: join(folder, "clickhouse") });
  return {
    async read(columns, records, block = new NativeBlock()) {
      await encodeNative(block, columns, records);
      const file = join(folder, "block");
      await writeFile(file, Buffer.concat(block.pieces));
      block.clear();
      const sql = `SELECT * FROM file('${file}', 'Native') SETTINGS output_format_json_quote_64bit_integers = 1`;
      const lines = (await connection.chdb.queryAsync(sql, { format: "JSONEachRow" })).text();
      return lines
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async close() {
      await connection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
