import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { microsecondsOf } from "./microseconds.ts";

describe("microsecondsOf", () => {
  it.each([
    ["1.2", 1_200_000],
    ["6.54", 6_540_000],
    ["1", 1_000_000],
    ["0.0000005", 1],
    ["0.00000049999", 0],
    ["1.0000005", 1_000_001],
    ["1.0000004999999999999999999999", 1_000_000],
    ["0.9999995", 1_000_000],
    ["5e-7", 1],
    ["4.9e-7", 0],
    ["1.2E+1", 12_000_000],
    [".5", 500_000],
    ["5.", 5_000_000],
    ["+2", 2_000_000],
    ["007", 7_000_000],
    ["0", 0],
    ["-0", 0],
    ["0e999999999999999999999", 0],
    ["1e-999999999999999999999", 0],
    ["9007199254.740991", Number.MAX_SAFE_INTEGER],
  ])("P-2: %s s is %d µs, half up from the decimal as written", (text, expected) => {
    expect(microsecondsOf(text)).toBe(expected);
  });

  it.each([
    "",
    ".",
    "-1",
    "-1e-9",
    "1,2",
    "0x10",
    "1_000",
    "NaN",
    ".inf",
    "1e",
    " 1",
    "1e999999999999",
    "9007199254.740992",
  ])("P-2: %j is no decimal number of seconds from 0 up to the safe range", (text) => {
    expect(microsecondsOf(text)).toBeNull();
  });

  it("P-2: agrees with exact arithmetic on every number of digits (property)", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 15n),
        fc.integer({ min: 0, max: 24 }),
        fc.integer({ min: -12, max: 6 }),
        (digits, places, exponent) => {
          const text = digits.toString().padStart(places + 1, "0");
          const decimal = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
          const power = 6 + exponent - places;
          const exact =
            power >= 0
              ? digits * 10n ** BigInt(power)
              : (2n * digits + 10n ** BigInt(-power)) / (2n * 10n ** BigInt(-power));
          const expected = exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : null;
          expect(microsecondsOf(`${decimal}e${exponent}`)).toBe(expected);
        },
      ),
    );
  });
});
