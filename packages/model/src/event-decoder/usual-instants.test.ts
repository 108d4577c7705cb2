import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseInstant } from "../instant.ts";
import { UsualInstants } from "./usual-instants.ts";

const encoder = new TextEncoder();
/** Bytes before the instant's text, as in an event. */
const PREFIX = '"at":"';

function readerOf(): (text: string) => number | null {
  const instants = new UsualInstants();
  return (text) => {
    const bytes = encoder.encode(`${PREFIX}${text}"`);
    const at = instants.read(new DataView(bytes.buffer), PREFIX.length, bytes, PREFIX.length);
    return Number.isNaN(at) ? null : at;
  };
}

test("P-2: an instant is read as `parseInstant` reads it, whether it lies in the minute of the one before or not", () => {
  const read = readerOf();
  const usual = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) }).map((ms) => new Date(ms).toISOString());
  fc.assert(
    fc.property(
      usual,
      fc.integer({ min: 0, max: 59_999 }),
      fc.nat(23),
      fc.constantFrom(...Array.from("0369Z:.-tz x")),
      (text, ms, p, odd) => {
        expect(read(text)).toBe(parseInstant(text));
        const minute = Math.floor(Date.parse(text) / 60_000) * 60_000;
        expect(read(new Date(minute + ms).toISOString())).toBe(minute + ms);
        const changed = text.slice(0, p) + odd + text.slice(p + 1);
        expect([null, parseInstant(changed)]).toContain(read(changed));
        expect(read(text)).toBe(parseInstant(text));
      },
    ),
  );
});

test("P-2: a text that is no date or no time of day, or is written in another way, gives NaN", () => {
  const read = readerOf();
  expect(read("2024-02-29T23:59:59.999Z")).toBe(Date.UTC(2024, 1, 29, 23, 59, 59, 999));
  const odd = [
    "2026-02-29T00:00:00.000Z",
    "2026-03-02T24:00:00.000Z",
    "2026-03-02T05:00:60.000Z",
    "2026-03-02T05:00:00+01:0",
  ];
  expect(odd.map(read)).toEqual([null, null, null, null]);
});
