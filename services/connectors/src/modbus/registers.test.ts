import { expect, test } from "vitest";
import { ORDERS, valueOf } from "./registers.ts";

test("a total of 32 bits in the four orders of bytes that devices have", () => {
  // 305,419,896 is 0x12345678.
  const bytes = { ABCD: "12345678", CDAB: "56781234", BADC: "34127856", DCBA: "78563412" };
  for (const order of ORDERS) expect(valueOf(Buffer.from(bytes[order], "hex"), "uint32", order)).toBe(305_419_896);
});

test("signs, floats and 64 bits", () => {
  expect(valueOf(Buffer.from("fffb", "hex"), "int16", "ABCD")).toBe(-5);
  expect(valueOf(Buffer.from("fffffffb", "hex"), "int32", "ABCD")).toBe(-5);
  expect(valueOf(Buffer.from("41200000", "hex"), "float32", "ABCD")).toBe(10);
  expect(valueOf(Buffer.from("0000000000010000", "hex"), "uint64", "ABCD")).toBe(65_536);
  // Words in reverse: 0000 0000 0001 0000 as it came is 0000 0001 0000 0000, which is 2^32.
  expect(valueOf(Buffer.from("0000000000010000", "hex"), "uint64", "CDAB")).toBe(2 ** 32);
  expect(() => valueOf(Buffer.from("ffffffffffffffff", "hex"), "uint64", "ABCD")).toThrow("beyond 2^53");
});
