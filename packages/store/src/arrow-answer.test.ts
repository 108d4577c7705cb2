/** Answers as Arrow streams are read whole or not at all, whatever the pieces they come in. */
import { Readable } from "node:stream";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { arrowAnswer } from "./arrow-answer.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import type { Transport } from "./transport.ts";

let folder: string;
let transport: Transport;
beforeAll(async () => {
  folder = await temporaryFolder();
  transport = await connectEmbedded({ path: folder });
});
afterAll(async () => {
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});

const ROWS = 70_001;
const SQL = `SELECT toFloat64(number) AS a, if(number % 3 = 0, 'Öl', concat('m', toString(intDiv(number, 1000)))) AS b FROM numbers(${ROWS})`;

async function bytesOf(sql: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await transport.stream(sql, {}, "ArrowStream")) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test("numbers and texts are those of ClickHouse, over several batches; an answer without rows has none", async () => {
  const answer = await transport.columns(SQL, {});
  expect(answer.length).toBeGreaterThan(1);
  const rows = answer.flatMap((some) => {
    const [numbers, textAt] = [some.numbers(0), some.texts(1)];
    return Array.from({ length: some.length }, (_, i) => [numbers[i], textAt(i)]);
  });
  expect(rows).toEqual(Array.from({ length: ROWS }, (_, i) => [i, i % 3 === 0 ? "Öl" : `m${Math.floor(i / 1000)}`]));
  const none = await transport.columns(`${SQL} LIMIT 0`, {});
  expect(none.reduce((sum, { length }) => sum + length, 0)).toBe(0);
});

test("an answer that breaks off, or has an error in place of rows, is an error and not fewer rows", async () => {
  const whole = await bytesOf(SQL);
  const read = (...pieces: Buffer[]): Promise<unknown> => arrowAnswer(Readable.from(pieces), "read rows");
  const pieces = await arrowAnswer(Readable.from([whole.subarray(0, 1001), whole.subarray(1001)]), "read rows");
  expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(ROWS);
  for (const cut of [4, 1000, whole.length >> 1, whole.length - 1]) {
    await expect(read(whole.subarray(0, cut))).rejects.toMatchObject({
      code: "OEE_STORE_UNAVAILABLE",
      message: "could not read rows: the answer broke off",
      retryable: true,
    });
  }
  await expect(read(whole.subarray(0, 5000), Buffer.from("Code: 241. Memory limit\n"))).rejects.toMatchObject({
    code: "OEE_STORE_UNAVAILABLE",
  });
});

test("a column that is no Float64 is refused, and so is one that is not there", async () => {
  const [answer] = await transport.columns("SELECT toInt64(1) AS a", {});
  expect(() => answer?.numbers(0)).toThrow("column 0 of the answer is no Float64");
  expect(() => answer?.numbers(1)).toThrow("the answer has 1 columns, column 1 was asked for");
});
