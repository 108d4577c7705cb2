import { expect, test } from "vitest";
import { denseOf, sparseOf } from "./sparse.ts";

test("an array is packed into the narrowest arrays that hold its numbers, and unpacked to the same numbers", () => {
  const numbers = Float64Array.of(0, 5, 0, -7, 0);
  const packed = sparseOf(numbers);
  expect([packed.places, packed.amounts]).toEqual([Uint16Array.of(1, 3), Int32Array.of(5, -7)]);
  expect(denseOf(packed)).toEqual(numbers);
  const large = Float64Array.of(0, 2 ** 40);
  expect(sparseOf(large).amounts).toBeInstanceOf(Float64Array);
  expect(denseOf(sparseOf(large))).toEqual(large);
  expect(sparseOf(new Float64Array(2 ** 16)).places).toBeInstanceOf(Uint32Array);
});
