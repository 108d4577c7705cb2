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
