/** Elements of JSON arrays are found without parsing them: the ones that JSON.parse finds; what it refuses is refused. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ArrayElements, arrayStart } from "./array-elements.ts";

/** The elements as values; `null` where the text is no array of JSON, found as a caller does. */
function elementsOf(text: string): unknown[] | null {
  const bytes = new TextEncoder().encode(text);
  const elements = new ArrayElements(bytes, arrayStart(bytes), bytes.length, bytes.length);
  const values: unknown[] = [];
  for (;;) {
    const step = elements.next();
    if (step === "end") return values;
    if (step !== "element") return null;
    try {
      values.push(JSON.parse(new TextDecoder().decode(bytes.subarray(elements.start, elements.end))));
    } catch {
      return null;
    }
  }
}

test("elements of any array are those that JSON.parse finds, with any white space", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom("", " ", "\n\t", "  "), (array, space) => {
      const text = `${space}[${array.map((value) => space + JSON.stringify(value, null, space) + space).join(",")}${space}]${space}`;
      expect(elementsOf(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("an array that JSON.parse refuses is refused", () => {
  const broken = [
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1]]",
    "[1] 2",
    "[{]",
    '[{"a":1]',
    '[{"a":[}]',
    "[}]",
    "[:]",
    '["a]',
    "[tru e]",
    "[01]",
    "[[]",
    "[{},{}",
    '[{"a":1}{"b":2}]',
  ];
  for (const text of broken) {
    expect(() => void JSON.parse(text)).toThrow(SyntaxError);
    expect([text, elementsOf(text)]).toEqual([text, null]);
  }
  const pieces = fc.array(
    fc.constantFrom("[", "]", "{", "}", ",", ":", '"', '"a"', "1", "true", " ", "\\", "[]", "{}"),
  );
  fc.assert(
    fc.property(pieces, (some) => {
      const text = `[${some.join("")}`;
      let parsed: unknown = null;
      try {
        parsed = JSON.parse(text);
      } catch {
        // no JSON
      }
      expect([text, elementsOf(text)]).toEqual([text, parsed]);
    }),
    { numRuns: 2_000 },
  );
});

test("an element of more bytes than are allowed is reported as too large", () => {
  const bytes = new TextEncoder().encode(`[1,"${"x".repeat(2_000)}"]`);
  const elements = new ArrayElements(bytes, 0, bytes.length, 1_000);
  expect([elements.next(), elements.next()]).toEqual(["element", "too-large"]);
});
