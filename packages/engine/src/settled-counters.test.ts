/** `settledSince` says from which total on a computation that begins later must read, so that it counts as the whole history does. */
import { type Plant, type TotalEvent } from "@oee/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MachineHistory } from "./machine-history.ts";
import { quantitiesOf, settledSince } from "./settled-counters.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 6);
const MINUTE_MS = 60_000;

function plantOf(settings: string): Plant {
  const machines = `{ m: { idealCycleSeconds: 1, ${settings} } }`;
  const text = `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: ${machines} } } } } } }\n`;
  return plantFrom(text);
}

const total = fc.record(
  { good: fc.nat({ max: 40 }), scrap: fc.nat({ max: 40 }), rework: fc.nat({ max: 9 }), produced: fc.nat({ max: 90 }) },
  { requiredKeys: [] },
);
const settings = fc.constantFrom("rolloverAt: 100", "maxRatePerHour: 200", "maxRatePerHour: 900, rolloverAt: 50");

test("CN-2, CN-7, CN-8: totals from the instant of `settledSince` on give the counts that all totals give", () => {
  let settled = 0;
  fc.assert(
    fc.property(settings, fc.array(total, { minLength: 3, maxLength: 40 }), fc.nat(), (written, values, cut) => {
      const plant = plantOf(written);
      const [machine] = plant.machines;
      if (machine === undefined) throw new Error("no machine");
      const totals = values.map(
        ({ good = null, scrap = null, rework = null, produced = null }, i): TotalEvent => ({
          ...{
            type: "total",
            machine,
            at: START + i * MINUTE_MS,
            id: null,
            startup: false,
            product: null,
            order: null,
          },
          ...{ good, scrap, rework, produced },
        }),
      );
      const from = START + (cut % values.length) * MINUTE_MS;
      const before = totals.filter(({ at }) => at < from);
      const asked = new Set(before.flatMap(quantitiesOf));
      const since = settledSince(machine, before, asked);
      if (since === null || asked.size === 0) return;
      settled++;
      const countsOf = (events: readonly TotalEvent[]): readonly number[] => {
        const history = new MachineHistory(plant, machine);
        for (const event of events) history.accept(event);
        const to = START + values.length * MINUTE_MS;
        const { rows } = history.evaluate({ from, to, now: to });
        return (["goodCount", "scrapCount", "reworkCount"] as const).map((name) =>
          rows.reduce((sum, row) => sum + row[name], 0),
        );
      };
      expect(countsOf(totals.filter(({ at }) => at >= since))).toEqual(countsOf(totals));
    }),
    { numRuns: 500 },
  );
  expect(settled).toBeGreaterThan(50);
});
