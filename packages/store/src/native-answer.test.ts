/** Answers in the Native format are read whole or not at all, whatever the pieces they come in. */
import { Readable } from "node:stream";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { nativeAnswer } from "./native-answer.ts";
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
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  for await (const piece of await transport.stream(sql, {}, "Native" as "CSVWithNames")) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test("numbers and texts are those of ClickHouse, over several blocks; an answer without rows has none", async () => {
  const answer = await transport.columns(SQL, {});
  const [numbers, textAt] = [answer.numbers(0), answer.texts(1)];
  const rows = Array.from({ length: answer.length }, (_, i) => [numbers[i], textAt(i)]);
  expect(rows).toEqual(Array.from({ length: ROWS }, (_, i) => [i, i % 3 === 0 ? "Öl" : `m${Math.floor(i / 1000)}`]));
  const none = await transport.columns(`${SQL} LIMIT 0`, {});
  expect([none.length, none.numbers(0).length]).toEqual([0, 0]);
});

test("an answer that breaks off, or has an error in place of rows, is an error and not fewer rows", async () => {
  const whole = await bytesOf(SQL);
  const read = (...pieces: Buffer[]): Promise<unknown> => nativeAnswer(Readable.from(pieces), "read rows");
  const pieces = await nativeAnswer(Readable.from([whole.subarray(0, 1001), whole.subarray(1001)]), "read rows");
  expect(pieces.length).toBe(ROWS);
  for (const cut of [4, 1000, whole.length >> 1, whole.length - 1]) {
    await expect(read(whole.subarray(0, cut))).rejects.toMatchObject({
      code: "OEE_STORE_UNAVAILABLE",
      message: "could not read rows: the answer broke off",
      retryable: true,
    });
  }
  for (const before of [whole, whole.subarray(0, 5000), Buffer.alloc(0)]) {
    const error = Buffer.from("Code: 241. DB::Exception: Memory limit exceeded\n");
    await expect(read(before, error)).rejects.toMatchObject({ code: "OEE_STORE_UNAVAILABLE" });
  }
});

test("a column that is no Float64 is refused, and so is one that is not there", async () => {
  const answer = await transport.columns("SELECT toInt64(1) AS a", {});
  expect(() => answer.numbers(0)).toThrow("column 0 of the answer is no Float64");
  expect(() => answer.numbers(1)).toThrow("the answer has 1 columns, column 1 was asked for");
});
