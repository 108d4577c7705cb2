/** Chunks of a file, of which the next is read while one is in use. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openInput } from "./bytes.ts";

const MIB = 1 << 20;

function fileOf(bytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "oee-bytes-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "events.ndjson");
  writeFileSync(
    file,
    Uint8Array.from({ length: bytes }, (_, i) => 0x30 + ((i >> 16) % 64)),
  );
  return file;
}

test("contract: a chunk stays as it is until the next is asked for, however long that takes", async () => {
  const file = fileOf(5 * MIB + 123);
  const input = await openInput(file, () => undefined);
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.chunks) {
    // As long as reading all of the file takes, in which the next chunk has come.
    await readFile(file);
    chunks.push(Uint8Array.from(chunk));
  }
  await input.close();
  expect(Buffer.concat(chunks).equals(readFileSync(file))).toBe(true);
  expect(chunks.length).toBeGreaterThan(2);
});

test("contract: a file can be closed after its first chunk, and bytes are told of as they are handed over", async () => {
  let bytes = 0;
  const input = await openInput(fileOf(3 * MIB), (more) => (bytes += more));
  const iterator = input.chunks[Symbol.asyncIterator]();
  const { value } = await iterator.next();
  expect((value as Uint8Array).length).toBe(bytes);
  await input.close();
  expect(bytes).toBeLessThan(2 * MIB);
});
