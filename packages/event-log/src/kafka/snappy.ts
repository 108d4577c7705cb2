/**
 * Snappy as Kafka's clients write it: one block, as librdkafka, franz-go and sarama do, or the framing of snappy-java
 * ("xerial") around several, as the clients in Java, Python and kafka-go do. Both say beforehand how large they become.
 */
import { uncompress } from "snappy";

const FRAMED = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** The magic bytes, a version and the oldest that can read it. */
const FRAME_HEADER_BYTES = 16;

/** Throws when it is not snappy, or becomes larger than `bytesMax`. */
export async function unsnap(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  const blocks = blocksOf(bytes);
  const inflated = blocks.reduce((sum, block) => sum + sizeOf(block), 0);
  if (inflated > bytesMax) throw new Error(`${inflated} bytes when inflated, expected at most ${bytesMax}`);
  const parts: Buffer[] = [];
  for (const block of blocks) parts.push(Buffer.from(await uncompress(block)));
  return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
}

function blocksOf(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, FRAMED.length).equals(FRAMED)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = FRAME_HEADER_BYTES; at < bytes.length; ) {
    const from = at + 4;
    const length = from <= bytes.length ? bytes.readInt32BE(at) : -1;
    if (length < 0 || from + length > bytes.length) throw new Error(`a snappy block at ${at} that is cut short`);
    blocks.push(bytes.subarray(from, from + length));
    at = from + length;
  }
  return blocks;
}

/** A block begins with its inflated length, seven bits a byte, least significant first. */
function sizeOf(block: Buffer): number {
  let size = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = block[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  throw new Error("a snappy block without its length");
}
