import { kpisOf, Sums } from "@oee/answers";
import { WIDTH } from "@oee/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writeFigures } from "./figures-json.ts";
import { JsonBytes } from "./json-bytes.ts";

test("the figures of any sum are written as JSON.stringify writes them, every component and KPI under its name", () => {
  const numbers = fc.array(fc.nat(), { minLength: WIDTH, maxLength: WIDTH });
  fc.assert(
    fc.property(numbers, fc.boolean(), (values, rated) => {
      const sums = new Sums().add({ taktUs: 1_500_000, costPerHour: 40, decimals: 0 }, Float64Array.from(values), 0);
      const figures = { components: sums.components(), kpis: kpisOf(sums, rated) };
      const out = new JsonBytes();
      writeFigures(out, figures.components, figures.kpis);
      expect(`{${out.toString()}}`).toBe(JSON.stringify(figures));
    }),
  );
});
