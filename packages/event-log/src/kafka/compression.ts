/**
 * Kafka's codecs: gzip from Node, lz4 and zstd from native packages; all of them off the event loop. `deflate` is for
 * producing, `inflate` for reading. Snappy is not supported: such a batch is passed over and counted.
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import zstd from "@mongodb-js/zstd";
import { crc32c } from "@node-rs/crc32";
import lz4 from "lz4-napi";
import { LogError, messageOf } from "../error.ts";
import { BATCH_HEADER_BYTES, type BatchHeader, CRC_AT, CRC_FROM } from "../record-decoding.ts";

export type Compression = "none" | "gzip" | "lz4" | "zstd";

/** In a batch's attributes. */
const CODES: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, lz4: 3, zstd: 4 };

type Codec = (bytes: Buffer) => Promise<Buffer>;

const decompressors: Readonly<Record<number, Codec>> = {
  1: promisify<Buffer, Buffer>(gunzip),
  3: (bytes) => lz4.decompressFrame(bytes),
  4: (bytes) => zstd.decompress(bytes),
};

const compressors: Readonly<Record<Exclude<Compression, "none">, Codec>> = {
  gzip: promisify<Buffer, Buffer>(gzip),
  lz4: (bytes) => lz4.compressFrame(bytes),
  zstd: (bytes) => zstd.compress(bytes),
};

/** The same batch, compressed, with its checksum. */
export async function deflate(batch: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === "none") return batch;
  const records = await compressors[compression](batch.subarray(BATCH_HEADER_BYTES));
  const deflated = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), records]);
  deflated.writeInt32BE(deflated.length - 12, 8);
  deflated.writeInt16BE(deflated.readInt16BE(21) | CODES[compression], 21);
  deflated.writeUInt32BE(crc32c(deflated.subarray(CRC_FROM)), CRC_AT);
  return deflated;
}

export interface Inflated {
  readonly bytes: Buffer;
  /** Batches that could not be decompressed, and are not in `bytes`. */
  readonly corrupt: readonly LogError[];
}

/** The same batches without compression. Their checksums no longer hold: check them before. */
export async function inflate(bytes: Buffer, headers: readonly BatchHeader[]): Promise<Inflated> {
  const corrupt: LogError[] = [];
  const parts: Buffer[] = [];
  for (const header of headers) {
    try {
      parts.push(...(await inflateBatch(bytes, header)));
    } catch (error) {
      const where = `record batch at offset ${header.baseOffset}`;
      corrupt.push(
        error instanceof LogError ? error : new LogError("OEE_LOG_CORRUPT", `${where}: ${messageOf(error)}`, error),
      );
    }
  }
  return { bytes: Buffer.concat(parts), corrupt };
}

async function inflateBatch(bytes: Buffer, header: BatchHeader): Promise<Buffer[]> {
  const { start, end, compression, baseOffset } = header;
  if (compression === 0) return [bytes.subarray(start, end)];
  const decompress = decompressors[compression];
  if (decompress === undefined) {
    throw new LogError(
      "OEE_LOG_CORRUPT",
      `record batch at offset ${baseOffset}: compression ${compression === 2 ? "snappy" : compression} is not supported, expected gzip, lz4 or zstd`,
    );
  }
  const records = await decompress(bytes.subarray(start + BATCH_HEADER_BYTES, end));
  const head = Buffer.from(bytes.subarray(start, start + BATCH_HEADER_BYTES));
  head.writeInt32BE(BATCH_HEADER_BYTES - 12 + records.length, 8);
  head.writeInt16BE(head.readInt16BE(21) & ~0x07, 21);
  return [head, records];
}
