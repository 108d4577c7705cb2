/** Sums of the store become rows that add up to the same, whatever the takts and rates. */
import { kpisOf, Sums } from "@oee/engine";
import { COMPONENT_NAMES, type Components, type Row } from "@oee/model";
import type { ComponentSums } from "@oee/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rowsOf } from "./rated-rows.ts";

const PERIOD = { from: 0, to: 60_000 };

/** What the store answers for these rows. */
function stored(rows: readonly Row[]): ComponentSums {
  const total = (name: keyof Components): bigint => rows.reduce((sum, row) => sum + BigInt(row[name]), 0n);
  const rates = new Map<
    string,
    { taktUs: number | null; costPerHour: number | null; planned: bigint; unplanned: bigint }
  >();
  for (const row of rows) {
    const { taktUs, costPerHour } = row;
    const rate = rates.get(`${taktUs} ${costPerHour}`) ?? { taktUs, costPerHour, planned: 0n, unplanned: 0n };
    const planned = row.runTime + row.minorStopTime + row.unplannedStopTime + row.setupTime + row.plannedStopTime;
    rate.planned += BigInt(planned);
    rate.unplanned += BigInt(row.unplannedStopTime);
    rates.set(`${taktUs} ${costPerHour}`, rate);
  }
  const components = Object.fromEntries(COMPONENT_NAMES.map((name) => [name, total(name)]));
  return {
    ...{ period: PERIOD, covered: PERIOD, machine: "m", product: null, shift: null, shiftDate: null },
    components: components as ComponentSums["components"],
    rates: [...rates.values()],
  };
}

const time = fc.integer({ min: 0, max: 60_000 });
const count = fc.integer({ min: -50, max: 500 });
const microseconds = fc.maxSafeInteger();
const anyRow: fc.Arbitrary<Row> = fc
  .record({
    taktUs: fc.constantFrom(null, 1_500_000, 900_000),
    costPerHour: fc.constantFrom(null, 1800, 60.5),
    ...{ runTime: time, minorStopTime: time, unplannedStopTime: time, setupTime: time, plannedStopTime: time },
    ...{ notPlannedTime: time, unknownTime: time, failureTime: time, repairTime: time },
    ...{ goodCount: count, scrapCount: count, reworkCount: count, failureCount: count, repairCount: count },
    ...{ stopCount: count, minorStopCount: count },
    ...{ idealTimeUs: microseconds, idealGoodTimeUs: microseconds, startupLossTimeUs: microseconds },
  })
  .map((fields) => ({ machine: "m", from: 0, product: null, shift: null, shiftDate: null, ...fields }))
  // A row that is stored has time.
  .filter((row) => row.runTime + row.notPlannedTime + row.unknownTime > 0);

test("P-1, P-2 property: the rows of a sum add up to what its rows add up to, exactly", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 12 }), (rows) => {
      const expected = new Sums();
      for (const row of rows) expected.add(row);
      const found = new Sums();
      for (const row of rowsOf(stored(rows), "m")) found.add(row);
      expect(found.components()).toEqual(expected.components());
      expect(kpisOf(found, true)).toEqual(kpisOf(expected, true));
    }),
  );
});
