import { readFileSync } from "node:fs";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { rowsOf } from "./rows.ts";

const OPTIONS = { format: null, separator: null, encoding: "utf-8", sheet: null };

describe("CSV", () => {
  const ROWS = [
    { row: { Zeit: "1", Gut: "5" }, why: null },
    { row: { Zeit: "2", Gut: "6\n7" }, why: null },
  ];

  test.each([
    ["ends of lines of two systems", 'Zeit,Gut\r\n1,5\n2,"6\n7"\r\n', 0],
    ["a byte order mark", '\ufeffZeit,Gut\n1,5\n2,"6\n7"\n', 0],
    ["empty lines above its header", '\r\n\r\nZeit,Gut\r\n1,5\r\n2,"6\n7"\r\n', 2],
  ])("with %s is read row by row, by the separator of its header", async (_of, text, above) => {
    const rows = await rowsOf(Buffer.from(text), OPTIONS);
    expect(rows.map(({ row, why }) => ({ row, why }))).toEqual(ROWS);
    expect(rows[0]?.number).toBe(2 + above);
  });
});

test("Parquet: a day without a time is local, and a whole number beyond 2^53 keeps all digits", async () => {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: "day", data: [20_514] },
      { name: "order", data: [1_234_567_890_123_456_789n] },
      { name: "good", data: [12n] },
    ],
    schema: [
      { name: "root", num_children: 3 },
      { name: "day", type: "INT32", converted_type: "DATE", repetition_type: "REQUIRED" },
      { name: "order", type: "INT64", repetition_type: "REQUIRED" },
      { name: "good", type: "INT64", repetition_type: "REQUIRED" },
    ],
  });
  // A `Date` is what clocks showed; an instant would be a text.
  const row = { day: new Date("2026-03-02T00:00:00Z"), order: "1234567890123456789", good: 12 };
  expect(await rowsOf(Buffer.from(bytes), OPTIONS)).toEqual([{ number: 1, row, why: null }]);
});

test("Parquet: decimals of pyarrow, in each of its three widths, are the numbers that were written, and texts where none can be", async () => {
  const bytes = readFileSync(new URL("../../../../tests/connect/made/decimals.parquet", import.meta.url));
  expect((await rowsOf(bytes, OPTIONS)).map(({ row }) => row)).toEqual([
    { cycle: 4.35, made: 1.005, order: "12345678901234567890" },
    { cycle: 1.15, made: 123_456_789.345, order: 4711 },
    { cycle: -0.07, made: 0, order: -1 },
    {},
  ]);
});
