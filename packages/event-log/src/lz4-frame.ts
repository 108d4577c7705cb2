/**
 * The most that LZ4 frames can become, from the sizes of their blocks, before anything is unpacked: each block becomes at
 * most what the head of its frame says (https://github.com/lz4/lz4, doc/lz4_Frame_format.md).
 */
import { type Frame, framesBytesAtMost } from "./frames.ts";

/** LZ4 makes at most 255 bytes of one. */
const RATIO_MAX = 255;

/** Throws where it is none, or cut short. */
export function lz4BytesAtMost(bytes: Uint8Array): number {
  return framesBytesAtMost(bytes, { name: "an LZ4", magic: 0x184d2204, headBytes: 7, frameAt });
}

function frameAt(view: DataView, start: number, expectTo: (end: number) => void): Frame {
  const flags = view.getUint8(start + 4);
  const blockBytesMax = 1 << (8 + 2 * ((view.getUint8(start + 5) >> 4) & 7));
  const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
  let at = start + 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let sum = 0;
  for (;;) {
    expectTo(at + 4);
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) break;
    const size = head & 0x7fff_ffff;
    sum += head >>> 31 === 1 ? size : Math.min(blockBytesMax, size * RATIO_MAX);
    at += size + checksumBytes;
  }
  return { bytesAtMost: sum, end: at + ((flags & 0x04) === 0 ? 0 : 4) };
}
