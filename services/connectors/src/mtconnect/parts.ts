/** The parts of a `multipart/x-mixed-replace` stream, each a whole document, by their `Content-length`. */
const PART_BYTES_MAX = 64 * 1024 * 1024;
const HEAD_BYTES_MAX = 16 * 1024;

/** Throws at a part without a length, or one that is too long. */
export async function* partsOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let bytes = Buffer.alloc(0);
  let length: number | null = null;
  for await (const chunk of chunks) {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      if (length === null) {
        const end = bytes.indexOf("\r\n\r\n");
        if (end < 0) {
          if (bytes.length > HEAD_BYTES_MAX) throw new Error("a part whose head has no end");
          break;
        }
        const head = bytes.subarray(0, end).toString("latin1");
        length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? Number.NaN);
        if (!(length <= PART_BYTES_MAX)) throw new Error(`a part of ${length} bytes, of at most ${PART_BYTES_MAX}`);
        bytes = bytes.subarray(end + 4);
      }
      if (bytes.length < length) break;
      yield bytes.subarray(0, length).toString("utf8");
      bytes = bytes.subarray(length);
      length = null;
    }
  }
}
