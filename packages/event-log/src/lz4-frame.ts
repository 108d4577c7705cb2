/**
 * The most that LZ4 frames can become, from the sizes of their blocks, before anything is unpacked: each block becomes at
 * most what the head of its frame says (https://github.com/lz4/lz4, doc/lz4_Frame_format.md).
 */

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
/** LZ4 makes at most 255 bytes of one. */
const RATIO_MAX = 255;

/** Throws where it is none, or cut short. */
export function lz4BytesAtMost(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expectTo = (end: number): void => {
    if (end > view.byteLength) {
      throw new Error(`found an LZ4 frame cut short at byte ${view.byteLength}, expected ${end} or more`);
    }
  };
  let sum = 0;
  let at = 0;
  do {
    expectTo(at + 7);
    const magic = view.getUint32(at, true);
    if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE) {
      expectTo(at + 8);
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== MAGIC) {
      throw new Error(`found no LZ4 frame at byte ${at} but 0x${magic.toString(16)}, expected 0x${MAGIC.toString(16)}`);
    }
    const flags = view.getUint8(at + 4);
    const blockBytesMax = 1 << (8 + 2 * ((view.getUint8(at + 5) >> 4) & 7));
    const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
    at += 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
    for (;;) {
      expectTo(at + 4);
      const head = view.getUint32(at, true);
      at += 4;
      if (head === 0) break;
      const size = head & 0x7fff_ffff;
      sum += head >>> 31 === 1 ? size : Math.min(blockBytesMax, size * RATIO_MAX);
      at += size + checksumBytes;
    }
    if ((flags & 0x04) !== 0) at += 4;
  } while (at < view.byteLength);
  return sum;
}
