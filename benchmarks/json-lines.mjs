/**
 * Reads a file of NDJSON whose lines are ASCII, and does nothing with a line but `JSON.parse`: the peer of `replay.ts`, a
 * program of its own that loads nothing else. Of the ways that were tried (chunks of 64 KiB and 1 MiB, the whole file; texts as
 * Latin-1 and UTF-8; lines cut by `indexOf`, by `split` and from the bytes; an array of a whole chunk) none was quicker beyond
 * what two runs differ.
 *
 *     node benchmarks/json-lines.mjs FILE
 */
import { closeSync, openSync, readSync } from "node:fs";

const [file = ""] = process.argv.slice(2);
const descriptor = openSync(file, "r");
const chunk = Buffer.allocUnsafeSlow(1 << 16);
let lines = 0;
let begun = "";
for (;;) {
  const length = readSync(descriptor, chunk, 0, chunk.length, null);
  if (length === 0) break;
  const text = begun + chunk.latin1Slice(0, length);
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    if (JSON.parse(text.slice(start, end)).machine !== undefined) lines++;
    start = end + 1;
  }
  begun = text.slice(start);
}
closeSync(descriptor);
process.stdout.write(String(lines));
