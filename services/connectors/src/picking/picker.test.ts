import * as fc from "fast-check";
import jsonata from "jsonata";
import { expect, test } from "vitest";
import { Picker } from "./picker.ts";

const DOCUMENTS = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.constantFrom(1, "a", true, null, 0, ""),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "c d"), tie("value"), { maxKeys: 3 }),
  ),
})).value;
const SOURCES = ["a", "a.b", "a.b.a", "`c d`.a", "a[0]", "a.b[]", "$.a", "a.*", "**.b", "a.b^(a)", "$string(a)"];
const PICKERS = SOURCES.map((source) => [Picker.of(source), jsonata(source)] as const);

test("a picker finds what JSONata finds, also where it does not evaluate the expression", async () => {
  await fc.assert(
    fc.asyncProperty(DOCUMENTS, fc.constantFrom(...PICKERS), async (document, [picker, expression]) => {
      const found = async (evaluate: () => Promise<unknown>): Promise<unknown> => {
        try {
          return JSON.stringify(await evaluate());
        } catch {
          return "fails";
        }
      };
      const here = await found(() => picker?.valueIn(document) ?? Promise.resolve());
      expect(here).toBe(await found(() => expression.evaluate(document) as Promise<unknown>));
    }),
    { numRuns: 300 },
  );
});

test("a path of names through objects alone needs no evaluation; inherited members are not found", () => {
  expect(Picker.of("a.b")?.plainIn({ a: { b: 7 } })).toEqual({ value: 7 });
  expect(Picker.of("a.b")?.plainIn({ a: 1 })).toEqual({ value: undefined });
  expect(Picker.of("constructor.name")?.plainIn({})).toEqual({ value: undefined });
  expect(Picker.of("a.b")?.plainIn({ a: [{ b: 7 }] })).toBeNull();
  expect(Picker.of("$sum(a.b)")?.plainIn({ a: { b: 7 } })).toBeNull();
});

test("a regular expression gives what JavaScript's own would", async () => {
  const sources = [
    "$match(v, /([a-z]+)-(\\d+)?/)",
    '$replace(v, /(\\w)\\d/i, "$1.")',
    "$split(v, /[;,] */)",
    "$contains(v, /^B/m)",
    "$match(v, /é+/).index",
  ];
  for (const source of sources) {
    for (const v of ["", "ab-12, c-;D3", "a\nB", "Köln é éé-4"]) {
      const own = await Picker.of(source)?.valueIn({ v });
      expect([source, v, JSON.stringify(own)]).toEqual([
        source,
        v,
        JSON.stringify(await jsonata(source).evaluate({ v })),
      ]);
    }
  }
});

test("an expression with a regular expression that cannot be bounded is none", () => {
  expect(Picker.of("$contains(v, /a(?=b)/)")).toBeNull();
  expect(Picker.of("$match(v, /(a)\\1/)")).toBeNull();
  expect(Picker.of("v[$contains($, /a+/)]")).not.toBeNull();
});
