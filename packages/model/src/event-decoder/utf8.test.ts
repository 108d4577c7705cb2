import { expect, test } from "vitest";
import { decodeAscii, decodeUtf8 } from "./utf8.ts";

test("bytes that are not UTF-8 are no text, and a byte order mark is a character", () => {
  expect(decodeUtf8(Uint8Array.of(0x61, 0xc3, 0xbc), 0, 3)).toBe("aü");
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 0, 4)).toBe("\uFEFFa");
  for (const broken of [[0xc3], [0xff], [0xed, 0xa0, 0x80]]) {
    expect(decodeUtf8(Uint8Array.from(broken), 0, broken.length)).toBeNull();
  }
});

test("ASCII is read by eight bytes at a time, and what is left one by one", () => {
  const text = "2026-03-02T06:00:00Z";
  const bytes = new TextEncoder().encode(`"${text}"`);
  expect(decodeAscii(bytes, 1, 1 + text.length)).toBe(text);
});
