/** Writes results to standard output in pieces of a bounded size, no faster than the reader takes them. */
import { once } from "node:events";

const PIECE_BYTES = 1 << 16;

export async function writeResults(pieces: Iterable<string | Uint8Array>): Promise<void> {
  let texts: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      await write(piece);
      continue;
    }
    texts.push(piece);
    length += piece.length;
    if (length < PIECE_BYTES) continue;
    await write(texts.join(""));
    texts = [];
    length = 0;
  }
  if (length > 0) await write(texts.join(""));
}

async function write(piece: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(piece)) await once(process.stdout, "drain");
}
