/**
 * The most that ZSTD frames can become, from the heads of their blocks, before anything is unpacked (RFC 8878, 3.1.1): a
 * block says what it becomes, or is compressed and becomes at most 128 KiB, or its frame's window.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const BLOCK_BYTES_MAX = 128 * 1024;
const BLOCK_HEAD_BYTES = 3;

/** Throws where it is none, or cut short. */
export function zstdBytesAtMost(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expectTo = (end: number): void => {
    if (end > view.byteLength) {
      throw new Error(`found a ZSTD frame cut short at byte ${view.byteLength}, expected ${end} or more`);
    }
  };
  let sum = 0;
  let at = 0;
  do {
    expectTo(at + 5);
    const magic = view.getUint32(at, true);
    if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE) {
      expectTo(at + 8);
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== MAGIC) {
      throw new Error(
        `found no ZSTD frame at byte ${at} but 0x${magic.toString(16)}, expected 0x${MAGIC.toString(16)}`,
      );
    }
    const descriptor = view.getUint8(at + 4);
    const single = (descriptor & 0x20) !== 0;
    let blockBytesMax = BLOCK_BYTES_MAX;
    at += 5;
    if (!single) {
      expectTo(at + 1);
      const window = view.getUint8(at);
      blockBytesMax = Math.min(BLOCK_BYTES_MAX, 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8));
      at += 1;
    }
    // The identifier of a dictionary, and the size of the content, which is not to be believed.
    at += ((1 << (descriptor & 3)) >> 1) + (descriptor >> 6 === 0 && !single ? 0 : 1 << (descriptor >> 6));
    for (let last = false; !last; ) {
      expectTo(at + BLOCK_HEAD_BYTES);
      const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      last = (head & 1) === 1;
      const type = (head >> 1) & 3;
      const size = head >> 3;
      if (type === 3)
        throw new Error(`found a reserved ZSTD block at byte ${at}, expected a raw, repeated or compressed one`);
      sum += type === 2 ? blockBytesMax : size;
      at += BLOCK_HEAD_BYTES + (type === 1 ? 1 : size);
    }
    if ((descriptor & 0x04) !== 0) at += 4;
  } while (at < view.byteLength);
  return sum;
}
