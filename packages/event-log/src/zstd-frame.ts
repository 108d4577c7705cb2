/**
 * The most that ZSTD frames can become, from the heads of their blocks, before anything is unpacked (RFC 8878, 3.1.1): a
 * block says what it becomes, or is compressed and becomes at most 128 KiB, or its frame's window.
 */
import { type Frame, framesBytesAtMost } from "./frames.ts";

const BLOCK_BYTES_MAX = 128 * 1024;
const BLOCK_HEAD_BYTES = 3;

/** Throws where it is none, or cut short. */
export function zstdBytesAtMost(bytes: Uint8Array): number {
  return framesBytesAtMost(bytes, { name: "a ZSTD", magic: 0xfd2fb528, headBytes: 5, frameAt });
}

function frameAt(view: DataView, start: number, expectTo: (end: number) => void): Frame {
  const descriptor = view.getUint8(start + 4);
  const single = (descriptor & 0x20) !== 0;
  let blockBytesMax = BLOCK_BYTES_MAX;
  let at = start + 5;
  if (!single) {
    expectTo(at + 1);
    const window = view.getUint8(at);
    blockBytesMax = Math.min(BLOCK_BYTES_MAX, 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8));
    at += 1;
  }
  // The identifier of a dictionary, and the size of the content, which is not to be believed.
  at += ((1 << (descriptor & 3)) >> 1) + (descriptor >> 6 === 0 && !single ? 0 : 1 << (descriptor >> 6));
  let sum = 0;
  for (let last = false; !last; ) {
    expectTo(at + BLOCK_HEAD_BYTES);
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    last = (head & 1) === 1;
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (type === 3) {
      throw new Error(`found a reserved ZSTD block at byte ${at}, expected a raw, repeated or compressed one`);
    }
    sum += type === 2 ? blockBytesMax : size;
    at += BLOCK_HEAD_BYTES + (type === 1 ? 1 : size);
  }
  return { bytesAtMost: sum, end: at + ((descriptor & 0x04) === 0 ? 0 : 4) };
}
