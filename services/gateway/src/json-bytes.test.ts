import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonBytes, jsonPiece } from "./json-bytes.ts";

const written = (value: number | null): string => new JsonBytes().number(value).toString();

test("any number is written as JSON.stringify writes it", () => {
  const edges = [
    0,
    -0,
    9,
    10,
    99,
    100,
    999_999_999,
    1e9,
    1e9 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    1e21,
    5e-324,
  ];
  for (const edge of [
    ...edges,
    ...edges.map((value) => -value),
    null,
    Number.NaN,
    Infinity,
    1 / 3,
    0.1 + 0.2,
    0.001,
    0.01,
    0.5,
    0.999,
    0.0005,
    1e12 - 0.001,
    1e12 + 0.001,
  ]) {
    expect(written(edge)).toBe(JSON.stringify(edge));
  }
  fc.assert(fc.property(fc.double(), (value) => written(value) === JSON.stringify(value)));
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => written(value) === JSON.stringify(value)));
  // Ideal times have three decimals at most.
  const thousandths = fc.tuple(fc.maxSafeNat(), fc.constantFrom(1e3, 1e6, 1e9, 1e12));
  fc.assert(
    fc.property(thousandths, ([whole, below]) => {
      const value = (whole % below) / 1000;
      return written(value) === JSON.stringify(value);
    }),
  );
  // Where a quotient by a billion is rounded up to a whole number.
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_007_199 }), fc.integer({ min: -2, max: 2 }), (billions, more) => {
      const value = billions * 1e9 + more;
      return written(value) === JSON.stringify(value);
    }),
  );
});

test("what is written goes on as its room grows, and begins anew when it is cleared", () => {
  const out = new JsonBytes(3);
  const text = 'ä "b" €';
  const piece = JSON.stringify(text);
  const room = out.room;
  let count = 0;
  while (out.room === room) {
    out.piece(jsonPiece(count++ === 0 ? "[" : ",")).json(piece);
    expect(out.at).toBeLessThanOrEqual(out.room);
  }
  out.piece(jsonPiece("]"));
  expect(JSON.parse(out.toString())).toEqual(Array.from({ length: count }, () => text));
  expect(out.written.toString()).toBe(out.toString());
  expect(out.clear().json("{}").toString()).toBe("{}");
  expect(out.memory.subarray(3, out.at).toString()).toBe("{}");
});

test("what was taken stays as it was when more is written", () => {
  const out = new JsonBytes(2).piece(jsonPiece("[1]"));
  const { room } = out;
  const taken = out.take();
  expect([out.at, out.room]).toEqual([2, room]);
  out.piece(jsonPiece("[2]"));
  expect([taken.toString(), out.toString()]).toEqual(["[1]", "[2]"]);
});
