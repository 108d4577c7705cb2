/** Sums of stored rows over periods, by both ways to ClickHouse. Each test uses other machines. */
import { COMPONENT_NAMES } from "@oee/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { exact, HOUR, MINUTE, naiveSums, row, stamp, START, summed } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";
import type { SumKey } from "./index.ts";

byBothWays((on) => {
  test("P-1, PE-1 property: sums by any keys over any periods are those of the rows", async () => {
    const anyRow = fc
      .record({
        machine: fc.integer({ min: 1, max: 3 }),
        minute: fc.integer({ min: 0, max: 90 }),
        product: fc.constantFrom(null, "cola", "water"),
        shift: fc.constantFrom(null, "early", "late"),
        runTime: fc.integer({ min: 0, max: MINUTE }),
        unplannedStopTime: fc.integer({ min: 0, max: MINUTE }),
        goodCount: fc.integer({ min: -5, max: 9 }),
        idealTimeUs: fc.maxSafeInteger(),
        taktUs: fc.constantFrom(null, 1_500_000),
        costPerHour: fc.constantFrom(null, 0, 1800.5),
      })
      .map(({ machine, minute, shift, ...fields }) => ({ machine, minute, shift, fields }));
    const anyPeriods = fc
      .uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 9 })
      .map((minutes) => minutes.toSorted((a, b) => a - b).map((minute) => START + minute * MINUTE))
      .map((bounds) => bounds.slice(1).map((to, i) => ({ from: bounds[i] ?? 0, to })))
      .chain((periods) => fc.subarray(periods, { minLength: 1 }));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRow, {
          maxLength: 40,
          selector: (one) => JSON.stringify([one.machine, one.minute, one.fields.product, one.shift]),
        }),
        anyPeriods,
        fc.subarray<SumKey>(["machine", "product", "shift"]),
        async (drawn, periods, by) => {
          const site = `sums${++run}`;
          const rows = drawn
            .map((one) =>
              row(`${site}/a/l/m${one.machine}`, one.minute, {
                ...one.fields,
                shift: one.shift,
                shiftDate: one.shift && "2026-03-02",
              }),
            )
            .filter((one) => COMPONENT_NAMES.some((name) => one[name] !== 0));
          await on.store.insertRows(rows, stamp(1));
          const query = { machines: { under: site }, periods, by };
          expect(exact(summed(await on.store.sums(query)), by)).toEqual(naiveSums(rows, query));
        },
      ),
      { numRuns: 12 },
    );
  });

  test("P-2: sums beyond 2^53 are exact", async () => {
    const rows = [1, 2, 3].map((minute) =>
      row("p2/a/l/m", minute, { idealTimeUs: Number.MAX_SAFE_INTEGER, idealGoodTimeUs: -Number.MAX_SAFE_INTEGER }),
    );
    await on.store.insertRows(rows, stamp(1));
    const answer = summed(await on.store.sums({ machines: ["p2/a/l/m"], periods: [HOUR], by: [] }));
    const [sums] = exact(answer, []).values();
    expect(sums?.components["idealTimeUs"]).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(sums?.components["idealGoodTimeUs"]).toBe(-3n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(sums?.components["runTime"]).toBe(3n * BigInt(MINUTE));
  });

  test("PE-2: sums by shift are by its name and date, and say which minutes they cover", async () => {
    const early = { shift: "early", shiftDate: "2026-03-02" };
    await on.store.insertRows(
      [
        row("pe2/a/l/m1", 3, early),
        row("pe2/a/l/m2", 9, early),
        row("pe2/a/l/m2", 10, { ...early, shiftDate: "2026-03-03" }),
        row("pe2/a/l/m1", 11),
      ],
      stamp(1),
    );
    const sums = await on.store.sums({ machines: { under: "pe2/a" }, periods: [HOUR], by: ["shift"] });
    expect(
      summed(sums).map(({ sum, covered }) => [
        sum.shift,
        sum.shiftDate,
        (covered.from - START) / MINUTE,
        (covered.to - START) / MINUTE,
      ]),
    ).toEqual([
      [null, null, 11, 12],
      ["early", "2026-03-02", 3, 10],
      ["early", "2026-03-03", 10, 11],
    ]);
  });

  test("PE-2: sums by product and machine come by machine, then by period, though products change in between", async () => {
    const products = ["cola", "water", null, "cola"];
    await on.store.insertRows(
      ["turns/a/l/m1", "turns/a/l/m2"].flatMap((machine) =>
        products.map((product, minute) => row(machine, minute, { product })),
      ),
      stamp(1),
    );
    const periods = products.map((_, i) => ({ from: START + i * MINUTE, to: START + (i + 1) * MINUTE }));
    const sums = await on.store.sums({ machines: { under: "turns" }, periods, by: ["product", "machine"] });
    expect([...sums.rows].map((one) => [one.machine, (one.from - START) / MINUTE, one.product])).toEqual(
      ["turns/a/l/m1", "turns/a/l/m2"].flatMap((machine) =>
        products.map((product, minute) => [machine, minute, product]),
      ),
    );
  });

  test("PE-4: periods that are empty, not in whole minutes or not ascending are refused", async () => {
    const bad = [
      [{ from: START + 1, to: START + MINUTE }],
      [{ from: START, to: START }],
      [
        { from: START + MINUTE, to: START + 2 * MINUTE },
        { from: START, to: START + MINUTE },
      ],
      [{ from: Number.NaN, to: START }],
    ];
    for (const periods of bad) {
      await expect(on.store.sums({ machines: [], periods, by: [] })).rejects.toMatchObject({
        code: "OEE_STORE_INVALID",
      });
    }
    expect(summed(await on.store.sums({ machines: { under: "*" }, periods: [], by: [] }))).toEqual([]);
  });

  test("PE-2: sums of more periods than one query takes are complete", async () => {
    await on.store.insertRows([row("many/a/l/m", 0), row("many/a/l/m", 8_999)], stamp(1));
    const periods = Array.from({ length: 9_000 }, (_, i) => ({
      from: START + i * MINUTE,
      to: START + (i + 1) * MINUTE,
    }));
    const sums = await on.store.sums({ machines: ["many/a/l/m"], periods, by: ["machine"] });
    expect([...sums.rows].map(({ from }) => from)).toEqual([periods[0]?.from, periods[8_999]?.from]);
  });
});
