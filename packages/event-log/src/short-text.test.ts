import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Length, writeUtf8 } from "./short-text.ts";

/** What is written of a text between bytes that are there before. */
function written(text: string): Buffer {
  const length = utf8Length(text);
  const bytes = Buffer.alloc(length + 2, "|");
  writeUtf8(bytes, 1, text, length);
  return bytes;
}

test("a text has the bytes that Node.js writes of it, short ones, long ones, and ones that are not ASCII", () => {
  const texts = [
    "",
    "berlin/packing/l1/filler",
    "são-paulo/füller",
    "🏭",
    "\u007f\u0080",
    "a".repeat(64),
    "a".repeat(65),
  ];
  for (const text of texts) expect(written(text).toString()).toBe(`|${text}|`);
});

test("property: for any text, half a surrogate pair too", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), fc.string({ maxLength: 70 }), (any, ascii) => {
      for (const text of [any, ascii, `${any}\ud800`]) {
        expect(written(text).subarray(1, -1).equals(Buffer.from(text))).toBe(true);
      }
    }),
  );
});
