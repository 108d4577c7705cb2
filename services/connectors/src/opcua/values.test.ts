import { expect, test } from "vitest";
import { formatNodeName, nodeIdIn, parseNodeName } from "./node-name.ts";
import { hasOverflow, isStamp, isUsable, type ReadValue, valueAt } from "./values.ts";

const INT32 = 6;
const INT64 = 8;
const UINT64 = 9;
const OBJECT = 22;

const read = (dataType: number, value: unknown): ReadValue => ({
  value: { dataType, value },
  statusCode: { value: 0, name: "Good" },
  sourceTimestamp: null,
  serverTimestamp: null,
});

test.each([
  ["Good", 0, true],
  ["Good with Overflow", 0x480, true],
  ["GoodClamped", 0x00300000, true],
  ["GoodLocalOverride", 0x00960000, true],
  ["UncertainSensorNotAccurate", 0x40930000, true],
  ["UncertainLastUsableValue", 0x40900000, false],
  ["UncertainNoCommunicationLastUsableValue", 0x408f0000, false],
  ["Bad", 0x80000000, false],
  ["BadNoCommunication", 0x80310000, false],
])("%s: whether its value is the present one", (_, status, usable) => expect(isUsable(status)).toBe(usable));

test("a status says overflow where it has the overflow bit and the bit that says that it is of a data value", () => {
  expect([0, 0x400, 0x80, 0x480, 0x4a0].map(hasOverflow)).toEqual([false, false, false, true, true]);
});

test.each([
  [read(INT32, 6), [], { value: 6 }],
  [read(UINT64, [0, 100]), [], { value: 100 }],
  [read(UINT64, [1, 0]), [], { value: 2 ** 32 }],
  [read(INT64, [0xffffffff, 0xfffffffb]), [], { value: -5 }],
  [read(UINT64, [0x200000, 0]), [], { why: "the number 9007199254740992, beyond 2^53" }],
  [read(INT32, Number.NaN), [], { why: "the number NaN" }],
  [read(OBJECT, { text: "Execute", locale: "en" }), [], { value: "Execute" }],
  [read(OBJECT, { text: null, locale: null }), [], { value: null }],
  [read(OBJECT, { name: "x", namespaceIndex: 2 }), [], { value: "x" }],
  [read(OBJECT, [{ ID: 1, accCount: 7 }]), ["0", "AccCount"], { value: 7 }],
  [read(OBJECT, [{ accCount: [0, 7] }]), ["0", "AccCount"], { value: 7 }],
  [read(OBJECT, [{ accCount: 7 }]), ["1", "AccCount"], { why: "no such field" }],
  [read(OBJECT, { count: 7 }), [], { why: "a structure or an array, of which no field is named" }],
])("%o at %o", (value, path, found) => expect(valueAt(value, path)).toEqual(found));

test("the least instant of OPC UA, which controllers without a clock send, is no time stamp", () => {
  const stamps = [null, new Date("1601-01-01T00:00:00Z"), new Date("2026-03-02T06:00:00Z")];
  expect(stamps.map(isStamp)).toEqual([false, false, true]);
});

test("a node is found by its namespace's URI, whatever index the server gives it", () => {
  const name = parseNodeName("nsu=http://example.org/press;s=Press.State;x");
  if (name === null) throw new Error("no name");
  expect(formatNodeName(name)).toBe("nsu=http://example.org/press;s=Press.State;x");
  expect(nodeIdIn(name, ["http://opcfoundation.org/UA/", "urn:x", "http://example.org/press"])).toBe(
    "ns=2;s=Press.State;x",
  );
  expect(nodeIdIn(name, ["http://opcfoundation.org/UA/"])).toBeNull();
  expect(parseNodeName("i=2258")).toEqual({ uri: null, identifier: "i=2258" });
  expect(["ns=2;s=Press", "Press", "nsu=;s=x", "i=x", "s="].map(parseNodeName)).toEqual([null, null, null, null, null]);
});
