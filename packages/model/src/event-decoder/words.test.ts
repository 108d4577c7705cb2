import { expect, test } from "vitest";
import { fourDigits, hashOf, isAscii, stopsIn, wordOf } from "./words.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const word = (text: string): number => wordOf(bytes(text), 0, bytes(text).length);

test("a word is four bytes, the first the lowest; missing ones are 0", () => {
  expect(word("AB")).toBe(0x4241);
  expect(wordOf(bytes("xxABCD"), 2, 6)).toBe(0x44434241);
});

test("four digits are read at once, and anything else beside them is seen", () => {
  for (const text of ["0000", "2026", "9999"]) expect(fourDigits(word(text))).toBe(Number(text));
  for (const text of ["20a6", "202:", "/026", "-026", "202"]) expect(fourDigits(word(text))).toBe(-1);
});

test("the plain part of a string ends at the first quotation mark, backslash or control character", () => {
  const plainBytes = (text: string): number => {
    const stops = stopsIn(word(text));
    return stops === 0 ? 4 : Math.floor(Math.log2((stops & -stops) >>> 0) / 8);
  };
  expect(["abcd", 'ab"d', '"bc"', "abc\\", "a\nb\t", "äö"].map(plainBytes)).toEqual([4, 2, 0, 3, 1, 4]);
  expect([isAscii(word("abcd")), isAscii(word("aä"))]).toEqual([true, false]);
});

test("the hash of a text is that of its bytes, wherever they stand", () => {
  const text = "berlin/packing/l1/filler";
  expect(hashOf(bytes(`..${text}!`), 2, 2 + text.length)).toBe(hashOf(bytes(text), 0, text.length));
  expect(hashOf(bytes(text), 0, text.length)).not.toBe(hashOf(bytes(text), 0, text.length - 1));
});
