import { expect, test } from "vitest";
import { TextCache } from "./text-cache.ts";
import { WordTable } from "./word-table.ts";
import { hashOf } from "./words.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("each word of the table is found by its bytes within a larger buffer, and a word that the table lacks is not", () => {
  const words = Array.from({ length: 1_000 }, (_, i) => `press-${i}`);
  const table = new WordTable(words.map((word, i) => [word, i] as const));
  const get = (text: string): number | undefined => {
    const bytes = bytesOf(`"${text}",`);
    const hash = hashOf(bytes, 1, bytes.length - 2);
    const found = table.get(bytes, 1, bytes.length - 2, hash);
    const padded = new DataView(Uint8Array.of(...bytes, 0x7d, 0x0a).buffer);
    expect(table.getAt(padded, 1, bytes.length - 3, hash)).toBe(found);
    return found;
  };
  expect(words.map(get)).toEqual(words.map((_, i) => i));
  expect(["press-", "press-1000", "", "pressé-1"].map(get)).toEqual([undefined, undefined, undefined, undefined]);
});

test("the cache makes a text's value once, that of a text of more than 128 bytes each time; bytes that are no UTF-8 give null", () => {
  const made: string[] = [];
  const cache = new TextCache((text) => {
    made.push(text);
    return text.length;
  });
  const get = (bytes: Uint8Array): number | null => cache.get(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length));
  const long = "x".repeat(129);
  expect([bytesOf("jam"), bytesOf("jam"), bytesOf(long), bytesOf(long)].map(get)).toEqual([3, 3, 129, 129]);
  expect(made).toEqual(["jam", long, long]);
  expect(get(Uint8Array.of(0xc3, 0x28))).toBeNull();
});
