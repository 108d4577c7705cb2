/**
 * Compressed Arrow bodies, LZ4 (what pandas and polars write unless told otherwise) and ZSTD: decoders for apache-arrow,
 * which brings none. A few bytes can stand for gigabytes, so what they may become is bounded before it is made: whoever
 * reads Arrow says by `allowInflated` how much the next bodies may have.
 */
import { lz4BytesAtMost } from "@oee/event-log";
import { CompressionType, compressionRegistry } from "apache-arrow";
import { Decompress } from "fzstd";
import { decompressFrameSync } from "lz4-napi";

let allowed = 0;
let left = 0;

/** From now on, bodies may become so many bytes in all. */
export function allowInflated(bytes: number): void {
  allowed = bytes;
  left = bytes;
}

function expectRoom(bytes: number): void {
  if (bytes > left) throw new Error(`the compressed columns become more than ${allowed >> 20} MiB`);
}

function unlz4(frame: Uint8Array): Uint8Array {
  expectRoom(lz4BytesAtMost(frame));
  const bytes = decompressFrameSync(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
  left -= bytes.length;
  return bytes;
}

const ZSTD_SINGLE_SEGMENT = 0x20;

function unzstd(frame: Uint8Array): Uint8Array {
  if (frame.length === 0) throw new Error("found no ZSTD frame");
  // The decoder makes room for the window, or for the whole content, before it reads on.
  const descriptor = frame[4] ?? 0;
  if ((descriptor & ZSTD_SINGLE_SEGMENT) === 0) {
    const windowBytes = 2 ** (10 + ((frame[5] ?? 0) >> 3)) * (1 + ((frame[5] ?? 0) & 7) / 8);
    expectRoom(windowBytes);
  } else {
    const sizeBytes = 1 << (descriptor >> 6);
    const sizeAt = 5 + ((1 << (descriptor & 3)) >> 1);
    let size = 0;
    for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + (frame[sizeAt + i] ?? 0);
    expectRoom(size);
  }
  const pieces: Uint8Array[] = [];
  const decoder = new Decompress((piece) => {
    expectRoom(piece.length);
    left -= piece.length;
    pieces.push(piece.slice());
  });
  decoder.push(frame, true);
  return Buffer.concat(pieces);
}

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unlz4 });
compressionRegistry.set(CompressionType.ZSTD, { decode: unzstd });
