import { expect, test } from "vitest";
import { ONE_MACHINE, plantFrom } from "../../../../tests/support/plant.ts";
import { EventScanner } from "./event-scanner.ts";
import { Vocabulary } from "./vocabulary.ts";

const plant = plantFrom(ONE_MACHINE);
const AT = Date.UTC(2026, 2, 2, 6);
const event = (id: number) => `{"type":"count","machine":"s/a/l/m","at":${AT},"id":"c${id}","good":${id},"more":1}`;

function scannerOf(text: string) {
  const scanner = new EventScanner(plant, new Vocabulary(plant));
  // Layouts are compared in chunks of at least 1,024 bytes.
  const bytes = new TextEncoder().encode(text.padEnd(text.length + 2_048));
  return {
    scanner,
    scan: (start: number) => scanner.scan(bytes, start, text.length, AT - 1_000, AT + 1_000),
    scanKnown: (start: number) => scanner.scanKnown(bytes, start, text.length, AT - 1_000, AT + 1_000),
  };
}

test("a layout that was scanned field by field is known from then on; the end and fields without a meaning are told", () => {
  const first = event(1);
  const { scanner, scan, scanKnown } = scannerOf(`${first}\n${event(22)}\n`);
  expect(scanKnown(0)).toBeNull();
  expect(scan(0)).toMatchObject({ type: "count", at: AT, id: "c1", good: 1, scrap: null });
  expect([scanner.end, scanner.unknown]).toEqual([first.length, ["more"]]);
  expect(scanKnown(first.length + 1)).toMatchObject({ id: "c22", good: 22 });
  expect(scanner.unknown).toEqual(["more"]);
});

test("a number of a layout that is known is read whatever its length, and none is left of the event before", () => {
  const head = `{"type":"count","machine":"s/a/l/m","at":${AT}`;
  const learned = [`${head},"good":1,"scrap":2}`, `${head},"good":1}`, `${head},"total":{"good":5}}`];
  const numbers = [0, -1, 12, 123, -1_234, 12_345, 123_456, 1_234_567];
  const totals = [12_345_678, 123_456_789, 1_234_567_890, 123_456_789_012, 123_456_789_012_345];
  const lines = [
    ...learned.flatMap((line) => Array.from({ length: 17 }, () => line)),
    ...numbers.flatMap((n) => [`${head},"good":7,"scrap":${n}}`, `${head},"good":${n}}`]),
    ...totals.map((n) => `${head},"total":{"good":${n}}}`),
  ];
  const { scanner, scan, scanKnown } = scannerOf(lines.map((line) => `${line}\n`).join(""));
  const found: unknown[] = [];
  for (let i = 0, start = 0; i < lines.length; i++, start = scanner.end + 1) {
    const known = i < 17 * learned.length ? scan(start) : scanKnown(start);
    if (i >= 17 * learned.length) found.push(known);
  }
  expect(found).toMatchObject([
    ...numbers.flatMap((n) => [
      { type: "count", good: 7, scrap: n, rework: null },
      { type: "count", good: n, scrap: null, rework: null },
    ]),
    ...totals.map((n) => ({ type: "total", good: n, scrap: null, produced: null })),
  ]);
});

test.each([
  ["a number that begins with 0", "007"],
  ["a number of 16 digits", "1234567890123456"],
  ["a sign alone", "-"],
  ["an exponent", "1e3"],
])("%s is not read by a layout that is known", (_, number) => {
  const head = `{"type":"count","machine":"s/a/l/m","at":${AT},"good":`;
  const { scanner, scan, scanKnown } = scannerOf(`${head}1}\n${head}${number}}\n`);
  scan(0);
  expect(scanKnown(scanner.end + 1)).toBeNull();
});

test.each([
  ["an escape in a text", event(1).replace('"c1"', '"c\\u0031"')],
  ["a machine that the plant lacks", event(1).replace("s/a/l/m", "s/a/l/x")],
  ["an instant after the latest", event(1).replace(String(AT), String(AT + 1_001))],
  ["a count without a quantity", event(1).replace('"good"', '"goods"')],
  ["an object that is cut short", event(1).slice(0, -1)],
])("%s is left to the careful path", (_, text) => {
  expect(scannerOf(text).scan(0)).toBeNull();
});
