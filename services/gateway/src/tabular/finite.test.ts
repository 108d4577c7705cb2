/** Numbers of answers are finite or null: no NaN, no Infinity, no minus zero, whatever the components are. */
import { kpisOf, lossesOf, Sums } from "@oee/answers";
import { type Element, WIDTH } from "@oee/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonBytes } from "../json-bytes.ts";
import { ELEMENTS, LOSSES } from "./columns.ts";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";

const numbers = fc.constantFrom(0, 1, 2, 999, 60_000, 4_294_967_295, 1e12, Number.MAX_SAFE_INTEGER);
const rows = fc.array(fc.array(numbers, { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 3 });
const rates = fc.record({
  taktUs: fc.constantFrom(null, 1, 1_500_000, Number.MAX_SAFE_INTEGER),
  costPerHour: fc.constantFrom(null, 0, 0.001, 1e12),
  decimals: fc.constantFrom(0, 1, 6),
});

test("P-2: elements and losses of any components are finite, in JSON and in CSV", () => {
  fc.assert(
    fc.property(rows, rates, fc.boolean(), (all, head, rated) => {
      const sums = new Sums();
      for (const values of all) sums.add(head, Float64Array.from(values), 0);
      const components = sums.components();
      const answered = { scope: "a", from: 0, to: 60_000, product: null, shift: null, shiftDate: null, crew: null };
      const element: Element = { ...answered, components, kpis: kpisOf(sums, rated) };
      const losses = { ...answered, losses: lossesOf(components, rated), lossCosts: null, currency: null };
      const numbersIn = [
        ...Object.values(components),
        ...Object.values(element.kpis),
        ...Object.values(losses.losses ?? {}),
      ];
      for (const value of numbersIn) {
        expect(value === null || (Number.isFinite(value) && !Object.is(value, -0)), JSON.stringify(element)).toBe(true);
      }
      const out = new JsonBytes();
      ELEMENTS.writer?.()(out, element);
      expect(out.toString()).toBe(JSON.stringify(ELEMENTS.json(element)));
      // JSON and CSV write a number as the same text.
      const [, line = ""] = [...csvOf([element], ELEMENTS.columns)].join("").split("\n");
      const flat = { ...answered, ...components, ...element.kpis };
      const parsed = JSON.parse([...jsonOf([element], ELEMENTS.json)].join("")) as [Element];
      expect(parsed[0].kpis).toEqual(element.kpis);
      expect(line.split(",").slice(-19)).toEqual(
        Object.values(flat)
          .slice(-19)
          .map((value) => (value === null ? "" : JSON.stringify(value))),
      );
      expect([...csvOf([losses], LOSSES.columns)].join("")).not.toMatch(/NaN|Infinity/);
    }),
    { numRuns: 500 },
  );
});
