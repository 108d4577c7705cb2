/**
 * Kafka's codecs: gzip from Node, lz4, snappy and zstd from native packages; all of them off the event loop. `deflate` is
 * for producing, `inflate` for reading.
 */
import { promisify } from "node:util";
import { gunzip, gzip, type ZlibOptions } from "node:zlib";
import zstd from "@mongodb-js/zstd";
import { crc32c } from "@node-rs/crc32";
import lz4 from "lz4-napi";
import { messageOf } from "../error.ts";
import type { Stored } from "../record-batches.ts";
import { BATCH_HEADER_BYTES, type BatchHeader, CRC_AT, CRC_FROM, unreadable } from "../record-decoding.ts";
import { lz4BytesAtMost } from "../lz4-frame.ts";
import { zstdBytesAtMost } from "../zstd-frame.ts";
import { unsnap } from "./snappy.ts";

export type Compression = "none" | "gzip" | "lz4" | "zstd";

/** What a batch may become: 256 times as large as what a topic takes by default. */
const INFLATED_BYTES_MAX = 256 * 1024 * 1024;

/** In a batch's attributes. */
const CODES: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, lz4: 3, zstd: 4 };

type Codec = (bytes: Buffer) => Promise<Buffer>;

const decompressors: Readonly<Record<number, Codec>> = {
  1: (bytes) => promisify<Buffer, ZlibOptions, Buffer>(gunzip)(bytes, { maxOutputLength: INFLATED_BYTES_MAX }),
  2: (bytes) => unsnap(bytes, INFLATED_BYTES_MAX),
  3: (bytes) => lz4.decompressFrame(within(bytes, lz4BytesAtMost(bytes))),
  4: (bytes) => zstd.decompress(within(bytes, zstdBytesAtMost(bytes))),
};

/** The same bytes. Throws where they may become too many: a few can stand for gigabytes. */
function within(bytes: Buffer, inflatedAtMost: number): Buffer {
  if (inflatedAtMost <= INFLATED_BYTES_MAX) return bytes;
  throw new Error(`up to ${inflatedAtMost} bytes when inflated, expected at most ${INFLATED_BYTES_MAX}`);
}

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
  /** The same batches, in the same order, in `bytes`; those that cannot be unpacked as they were. */
  readonly stored: readonly Stored[];
  /** The offset of the first batch that was left for later, because those before it became much; `null`: none was. */
  readonly leftFrom: number | null;
}

/** Once so much was unpacked, the rest is left for later: each batch of a fetch may become as much as one may. */
const INFLATED_BYTES_ENOUGH = 64 * 1024 * 1024;

/** The first of the batches, or all, without compression. Their checksums no longer hold: check them before. */
export async function inflate(bytes: Buffer, stored: readonly Stored[]): Promise<Inflated> {
  const inflated: Stored[] = [];
  const parts: Buffer[] = [];
  let length = 0;
  let leftFrom: number | null = null;
  for (const each of stored) {
    if (length >= INFLATED_BYTES_ENOUGH) {
      leftFrom = "reason" in each ? each.offset : each.baseOffset;
      break;
    }
    if ("reason" in each) {
      inflated.push(each);
      continue;
    }
    try {
      const start = length;
      for (const part of await inflateBatch(bytes, each)) {
        parts.push(part);
        length += part.length;
      }
      inflated.push({ ...each, start, end: length, compression: 0 });
    } catch (error) {
      inflated.push(unreadable(bytes, each, "compression", messageOf(error)));
    }
  }
  return { bytes: Buffer.concat(parts), stored: inflated, leftFrom };
}

async function inflateBatch(bytes: Buffer, { start, end, compression }: BatchHeader): Promise<Buffer[]> {
  if (compression === 0) return [bytes.subarray(start, end)];
  const decompress = decompressors[compression];
  if (decompress === undefined) {
    throw new Error(`codec ${compression}, expected 1 (gzip), 2 (snappy), 3 (lz4) or 4 (zstd)`);
  }
  const records = await decompress(bytes.subarray(start + BATCH_HEADER_BYTES, end));
  const head = Buffer.from(bytes.subarray(start, start + BATCH_HEADER_BYTES));
  head.writeInt32BE(BATCH_HEADER_BYTES - 12 + records.length, 8);
  head.writeInt16BE(head.readInt16BE(21) & ~0x07, 21);
  return [head, records];
}
