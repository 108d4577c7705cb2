/** Sums of groups of machines are those of the machines, by both ways to ClickHouse. `day-sums.test.ts` has them of summed days. */
import { COMPONENT_NAMES } from "@oee/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { byBothWays } from "../test/both-ways.ts";
import { groupsBothWays } from "../test/group-sums.ts";
import { HOUR, MINUTE, row, stamp, START } from "../test/rows.ts";

byBothWays((on) => {
  test("P-1, EQ-3 property: sums of any groups over any periods are those of their machines", async () => {
    const anyRow = fc.record({
      machine: fc.integer({ min: 1, max: 5 }),
      minute: fc.integer({ min: 0, max: 90 }),
      product: fc.constantFrom(null, "cola", "water"),
      runTime: fc.constantFrom(0, 1, 30_000, MINUTE),
      unplannedStopTime: fc.integer({ min: 0, max: MINUTE }),
      failureTime: fc.constantFrom(0, 500),
      notPlannedTime: fc.constantFrom(0, 700),
      goodCount: fc.integer({ min: -5, max: 9 }),
      idealTimeUs: fc.maxSafeInteger(),
      idealGoodTimeUs: fc.integer({ min: -5_000, max: 5_000 }),
      taktUs: fc.constantFrom(null, 1_500_000, 2_000_000),
      costPerHour: fc.constantFrom(null, 0, 1800.5),
      decimals: fc.constantFrom(0, 1, 6),
    });
    const anyPeriods = fc
      .uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 9 })
      .map((minutes) => minutes.toSorted((a, b) => a - b).map((minute) => START + minute * MINUTE))
      .map((bounds) => bounds.slice(1).map((to, i) => ({ from: bounds[i] ?? 0, to })))
      .chain((periods) => fc.subarray(periods, { minLength: 1 }));
    const anyGroups = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRow, {
          maxLength: 40,
          selector: ({ machine, minute, product }) => JSON.stringify([machine, minute, product]),
        }),
        anyPeriods,
        anyGroups,
        async (drawn, periods, groupOf) => {
          const site = `groups${++run}`;
          const rows = drawn
            .map(({ machine, minute, ...fields }) => row(`${site}/a/l/m${machine}`, minute, fields))
            .filter((one) => COMPONENT_NAMES.some((name) => one[name] !== 0));
          await on.store.insertRows(rows, stamp(1));
          // A machine of group 3 is in none; a group may be empty.
          const groups = [0, 1, 2].map((group) =>
            groupOf.flatMap((of, i) => (of === group ? [`${site}/a/l/m${i + 1}`] : [])),
          );
          const { together, byMachine } = await groupsBothWays(on.store, { groups, periods });
          expect(together).toEqual(byMachine);
        },
      ),
      { numRuns: 12 },
    );
  });

  test("P-2: sums of groups beyond 2^53 are exact", async () => {
    const rows = [1, 2, 3].flatMap((minute) =>
      ["g2/a/l/m1", "g2/a/l/m2"].map((machine) =>
        row(machine, minute, { idealTimeUs: Number.MAX_SAFE_INTEGER, idealGoodTimeUs: -Number.MAX_SAFE_INTEGER }),
      ),
    );
    await on.store.insertRows(rows, stamp(1));
    const query = { groups: [["g2/a/l/m1", "g2/a/l/m2"]], periods: [HOUR] };
    const { together, byMachine } = await groupsBothWays(on.store, query);
    const key = (name: string): string => JSON.stringify([0, START, 0, name]);
    expect(together.components.get(key("idealTimeUs"))).toBe(6n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(together.components.get(key("idealGoodTimeUs"))).toBe(-6n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(together).toEqual(byMachine);
  });

  test("PE-2: sums of groups over more periods than one query takes are complete", async () => {
    await on.store.insertRows([row("gmany/a/l/m", 0), row("gmany/a/l/m", 8_999)], stamp(1));
    const periods = Array.from({ length: 9_000 }, (_, i) => ({
      from: START + i * MINUTE,
      to: START + (i + 1) * MINUTE,
    }));
    const { groups } = await on.store.groupSums({ groups: [["gmany/a/l/m"]], periods });
    expect(groups.map((found) => found.map(({ from }) => from))).toEqual([[periods[0]?.from, periods[8_999]?.from]]);
    const bad = on.store.groupSums({ groups: [], periods: [{ from: START, to: START }] });
    await expect(bad).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
    expect((await on.store.groupSums({ groups: [], periods: [HOUR] })).covered.size).toBe(0);
  });
});
