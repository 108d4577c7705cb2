/** JSON cut into any chunks gives the same values, each with the line where it begins. */
import { expect, test } from "vitest";
import { JsonValues } from "./json-values.ts";

function valuesOf(text: string, chunkBytes: number, bytesMax = 1000): { values: unknown[]; isOpen: boolean } {
  const values: unknown[] = [];
  const splitter = new JsonValues(
    (bytes, start, end, line) => values.push([line, Buffer.from(bytes.subarray(start, end)).toString()]),
    ({ code }, line) => values.push([line, code]),
    bytesMax,
  );
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += chunkBytes) splitter.push(bytes.subarray(i, i + chunkBytes));
  splitter.finish();
  return { values, isOpen: splitter.isOpen };
}

test.each([1, 2, 7, 1000])("an array, in chunks of %i bytes", (chunkBytes) => {
  const text = '[\n {"a":"]}\\"{","b":[1,{}]},\n{\n"c":\n"ü"} , oops,{}\n]\n';
  expect(valuesOf(text, chunkBytes)).toEqual({
    values: [
      [2, '{"a":"]}\\"{","b":[1,{}]}'],
      [3, '{ "c": "ü"}'],
      [5, "oops"],
      [5, "{}"],
    ],
    isOpen: false,
  });
});

test("a value that is cut off at the end is handed on as it is, and the array is reported as open", () => {
  expect(valuesOf('[{"a":1},{"b":', 4)).toEqual({
    values: [
      [1, '{"a":1}'],
      [1, '{"b":'],
    ],
    isOpen: true,
  });
});

test("an object that is too long is reported; those before and after it are read", () => {
  const long = JSON.stringify({ text: "x".repeat(10_000) });
  expect(valuesOf(`[{"a":1},\n${long},\n{"b":2}]`, 64, 100).values).toEqual([
    [1, '{"a":1}'],
    [2, "malformed"],
    [3, '{"b":2}'],
  ]);
});
