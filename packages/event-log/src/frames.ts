/** Walks through the frames of compressed bytes, skippable ones included: LZ4 and ZSTD share their form. */

const SKIPPABLE = 0x184d2a50;
/** Where a skippable frame says how long it is. */
const SKIPPABLE_HEAD_BYTES = 8;

export interface Frame {
  /** The most that its content can become. */
  readonly bytesAtMost: number;
  /** The byte after it. */
  readonly end: number;
}

export interface FrameFormat {
  /** With its article, as messages name it. */
  readonly name: string;
  readonly magic: number;
  /** Bytes that every frame begins with at least. */
  readonly headBytes: number;
  /** Reads the heads of the frame at `at`; `expectTo(end)` throws where the bytes end before. */
  readonly frameAt: (view: DataView, at: number, expectTo: (end: number) => void) => Frame;
}

/** The most that all frames together can become. Throws where something else stands, or a frame is cut short. */
export function framesBytesAtMost(bytes: Uint8Array, { name, magic, headBytes, frameAt }: FrameFormat): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expectTo = (end: number): void => {
    if (end > view.byteLength) {
      throw new Error(`found ${name} frame cut short at byte ${view.byteLength}, expected ${end} or more`);
    }
  };
  let sum = 0;
  let at = 0;
  do {
    expectTo(at + headBytes);
    const found = view.getUint32(at, true);
    if ((found & 0xffff_fff0) >>> 0 === SKIPPABLE) {
      expectTo(at + SKIPPABLE_HEAD_BYTES);
      at += SKIPPABLE_HEAD_BYTES + view.getUint32(at + 4, true);
      continue;
    }
    if (found !== magic) {
      const no = name.replace(/^an? /, "no ");
      throw new Error(`found ${no} frame at byte ${at} but 0x${found.toString(16)}, expected 0x${magic.toString(16)}`);
    }
    const frame = frameAt(view, at, expectTo);
    sum += frame.bytesAtMost;
    at = frame.end;
  } while (at < view.byteLength);
  return sum;
}
