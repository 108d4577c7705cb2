import { expect, test } from "vitest";
import { readTzif } from "./tzif.ts";

/** TZif of version 2 by RFC 9636: an empty block of version 1, then one change at `at` seconds to `offset` seconds, from 0. */
function tzif({ at = 100, offset = 3_600, version = "2", footer = "\n<+01>-1\n", leaps = 0 } = {}): Uint8Array {
  const header = (times: number, types: number): number[] => {
    const counts = new DataView(new ArrayBuffer(24));
    for (const [i, count] of [0, 0, leaps, times, types, 0].entries()) counts.setUint32(i * 4, count);
    return [...Buffer.from(`TZif${version}`), ...new Uint8Array(15), ...new Uint8Array(counts.buffer)];
  };
  const body = new DataView(new ArrayBuffer(8 + 1 + 12));
  body.setBigInt64(0, BigInt(at));
  body.setUint8(8, 1);
  body.setInt32(9 + 6, offset);
  const first =
    leaps === 0 ? [...header(0, 1), ...new Uint8Array(6)] : [...header(0, 1), ...new Uint8Array(6 + leaps * 8)];
  return Uint8Array.from([...first, ...header(1, 2), ...new Uint8Array(body.buffer), ...Buffer.from(footer)]);
}

test("a zone's first offset, its changes in ms, and its rule are those of the 64-bit block", () => {
  expect(readTzif(tzif())).toEqual({ firstOffsetMs: 0, changes: [[100_000, 3_600_000]], rule: "<+01>-1" });
});

test.each([
  ["found no TZif", Buffer.from("no zone, but a text that is long enough for a header")],
  ["found TZif version 1, expected 2 or later", tzif({ version: "\0" })],
  ["found leap seconds, expected a zone of POSIX time (not those in the folder `right`)", tzif({ leaps: 1 })],
  ["found TZif that is cut short", tzif({ footer: "" })],
  ['found the rule "often", expected one of POSIX', tzif({ footer: "\noften\n" })],
])("%s", (message, bytes) => {
  expect(() => readTzif(bytes)).toThrow(new Error(message));
});
