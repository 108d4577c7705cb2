import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { jsonLines, rowsOfLines } from "./json-lines.ts";

const read = async (...chunks: readonly Uint8Array[]): Promise<unknown[]> => {
  const rows: unknown[] = [];
  const parsed = jsonLines(Readable.from(chunks), "read rows", (line): unknown => JSON.parse(line));
  for await (const batch of parsed) rows.push(...batch);
  return rows;
};

test("rows come whole, wherever the pieces of an answer were cut, within a letter too", async () => {
  const bytes = Buffer.from('{"a":"ü"}\n{"a":2}\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ a: "ü" }, { a: 2 }]);
  }
});

test("an answer that breaks off, or has an error in place of a row, is an error and not fewer rows", async () => {
  for (const text of ['{"a":1}\n{"a":', '{"a":1}\nCode: 241. Memory limit\n']) {
    await expect(read(Buffer.from(text))).rejects.toMatchObject({
      code: "OEE_STORE_UNAVAILABLE",
      message: "could not read rows: the answer broke off",
    });
  }
});

test("a bounded answer is a list of rows", async () => {
  expect(await rowsOfLines("[1]\n[2]\n\n[3]")).toEqual([[1], [2], [3]]);
});
