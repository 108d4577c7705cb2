import { expect, test } from "vitest";
import { ORDERS, valueOf } from "./registers.ts";

test("a 32-bit total is read in the four byte orders that devices have", () => {
  // 305,419,896 is 0x12345678.
  const bytes = { ABCD: "12345678", CDAB: "56781234", BADC: "34127856", DCBA: "78563412" };
  for (const order of ORDERS)
    expect(valueOf(Buffer.from(bytes[order], "hex"), "uint32", order)).toEqual({ value: 305_419_896 });
});

test("signed numbers, floats and 64-bit numbers are read", () => {
  expect(valueOf(Buffer.from("fffb", "hex"), "int16", "ABCD")).toEqual({ value: -5 });
  expect(valueOf(Buffer.from("fffffffb", "hex"), "int32", "ABCD")).toEqual({ value: -5 });
  expect(valueOf(Buffer.from("41200000", "hex"), "float32", "ABCD")).toEqual({ value: 10 });
  expect(valueOf(Buffer.from("0000000000010000", "hex"), "uint64", "ABCD")).toEqual({ value: 65_536 });
  // The words 0000 0000 0001 0000 in reverse order are 0000 0001 0000 0000, which is 2^32.
  expect(valueOf(Buffer.from("0000000000010000", "hex"), "uint64", "CDAB")).toEqual({ value: 2 ** 32 });
  expect(valueOf(Buffer.from("ffffffffffffffff", "hex"), "uint64", "ABCD")).toEqual({
    why: "found the number 18446744073709551615, beyond 2^53",
  });
  // A device sends NaN or an infinity for a float that it does not know.
  expect(valueOf(Buffer.from("7fc00000", "hex"), "float32", "ABCD")).toEqual({ why: "found the number NaN" });
  expect(valueOf(Buffer.from("7f800000", "hex"), "float32", "ABCD")).toEqual({ why: "found the number Infinity" });
});
