import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NdjsonSplitter } from "./ndjson.ts";

interface Line {
  readonly line: number;
  /** The line's text; `null`: it was refused as too long. */
  readonly text: string | null;
}

function split(chunks: readonly Uint8Array[], lineBytesMax?: number): Line[] {
  const lines: Line[] = [];
  const splitter = new NdjsonSplitter(
    (bytes, start, end, line) => lines.push({ line, text: decoder.decode(bytes.slice(start, end)) }),
    ({ code }, line) => {
      expect(code).toBe("malformed");
      lines.push({ line, text: null });
    },
    lineBytesMax,
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.finish();
  return lines;
}

function chunked(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const end = start + Math.max(1, sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.slice(start, end));
    start = end;
  }
  return chunks;
}

const encoder = new TextEncoder();
/** A decoder that keeps a byte order mark, which decoders leave out by default. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

test("DI-2: lines are counted from 1, blank ones too, which are no events; the last line needs no newline", () => {
  expect(split([encoder.encode("\ufeff{}\r\n\n  \t\r\n[1]\n\r\n5")])).toEqual([
    { line: 1, text: "{}" },
    { line: 4, text: "[1]" },
    { line: 6, text: "5" },
  ]);
  expect(split([])).toEqual([]);
  expect(split([encoder.encode("\n\ufeff{}\n")])).toEqual([{ line: 2, text: "\ufeff{}" }]);
});

test("DI-2: a line that is too long is malformed, and the lines after it are read", () => {
  const long = "x".repeat(9);
  expect(split([encoder.encode(`12345678\n${long}\n1\r\n${long}`)], 8)).toEqual([
    { line: 1, text: "12345678" },
    { line: 2, text: null },
    { line: 3, text: "1" },
    { line: 4, text: null },
  ]);
});

test("DI-2: an endless line takes no more memory than a line may have", () => {
  const chunk = new Uint8Array(64 * 1024).fill(0x78);
  expect(
    split(
      Array.from({ length: 1000 }, () => chunk),
      1024,
    ),
  ).toEqual([{ line: 1, text: null }]);
});

test("DI-2: lines are the same however the file is cut into chunks", () => {
  const piece = fc.constantFrom("\n", "\r\n", "\r", " ", "{}", "é", "\ufeff", "12345678", "123456789");
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), sizes, (pieces, lengths) => {
      const bytes = encoder.encode(pieces.join(""));
      const whole = split([bytes], 8);
      expect(split(chunked(bytes, lengths), 8)).toEqual(whole);
      const expected = pieces
        .join("")
        .replace(/^\ufeff/, "")
        .split("\n")
        .flatMap((text, i): Line[] => {
          const content = text.replace(/\r$/, "");
          if (encoder.encode(content).length > 8) return [{ line: i + 1, text: null }];
          return /^[ \r\t]*$/.test(content) ? [] : [{ line: i + 1, text: content }];
        });
      expect(whole).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});
