import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import {
  type Column,
  decimalsOrNull,
  encodeArrow,
  flagNumbers,
  flags,
  instants,
  instantsOrNull,
  integers,
  integersOf,
  integersOrNull,
  minutes,
  names,
  texts,
  textsOrNone,
  versions,
  wholeNumbersOf,
} from "./arrow-column.ts";

/** What a reader of Arrow finds in a column of these records. */
async function readOf<R>(column: Column<R>, records: readonly R[]): Promise<unknown[]> {
  const pieces = await encodeArrow([column], records);
  return [...(tableFromIPC(Buffer.concat(pieces)).getChild(column.name) ?? [])];
}

const number = (value: number): number => value;

test("texts and names are read as they were written, and what is missing is the empty text", async () => {
  const values = ["ä🍾", null, "b", "b"];
  const own = (value: string | null): string | null => value;
  expect(await readOf(names("x", own), values)).toEqual(["ä🍾", "", "b", "b"]);
  expect(await readOf(texts("x", own), values)).toEqual(["ä🍾", "", "b", "b"]);
});

test("whole numbers are exact to 2^53, also negative ones; versions to 2^64", async () => {
  const values = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  expect(await readOf(integers("x", number), values)).toEqual(values.map(BigInt));
  expect(
    await readOf(
      versions("x", (value: bigint) => value),
      [0n, 2n ** 64n - 1n],
    ),
  ).toEqual([0n, 2n ** 64n - 1n]);
  await expect(
    readOf(
      versions("x", (value: bigint) => value),
      [-1n],
    ),
  ).rejects.toThrow("x is -1; 0 to 2^64 - 1 is expected");
  await expect(readOf(integers("x", number), [0.5])).rejects.toThrow(
    "x of a record is 0.5; a whole number is expected",
  );
});

test("numbers and instants may be missing, and flags are bits or bytes", async () => {
  const values = [7, null, 0];
  const own = (value: number | null): number | null => value;
  expect(await readOf(integersOrNull("x", own), values)).toEqual([7n, null, 0n]);
  expect(await readOf(decimalsOrNull("x", own), [0.5, null])).toEqual([0.5, null]);
  expect(await readOf(instantsOrNull("x", own), [1_700_000_000_123, null])).toEqual([1_700_000_000_123, null]);
  expect(await readOf(instants("x", number), [-1])).toEqual([-1]);
  // The ninth is in a byte of its own.
  const nine = Array.from({ length: 9 }, (_, i) => i % 2 === 0);
  expect(
    await readOf(
      flags("x", (value: boolean) => value),
      nine,
    ),
  ).toEqual(nine);
  expect(
    await readOf(
      flagNumbers("x", (value: boolean) => value),
      [true, false],
    ),
  ).toEqual([1, 0]);
});

test("a minute is kept in seconds; what is no whole minute is refused", async () => {
  expect(await readOf(minutes("minute", number), [1_200_000])).toEqual([1_200]);
  await expect(readOf(minutes("minute", number), [1])).rejects.toThrow(
    "minute of a row is 1; a whole minute in epoch ms is expected",
  );
});

test("columns that stand in one array, and texts whose last ones are missing", async () => {
  const values = Float64Array.of(1, 2, 3, 4);
  const columns = [
    { name: "second", fill: () => integersOf("second", values, 2, 2, 1) },
    { name: "whole", fill: () => wholeNumbersOf(BigInt64Array.of(5n, 6n)) },
    { name: "text", fill: () => textsOrNone(["a"], 2) },
  ];
  const table = tableFromIPC(Buffer.concat(await encodeArrow(columns, { length: 2 })));
  expect(table.toArray().map((one) => one?.toJSON())).toEqual([
    { second: 2n, whole: 5n, text: "a" },
    { second: 4n, whole: 6n, text: "" },
  ]);
});
