/** Rows of components as they are written and read, by both ways to ClickHouse. Each test uses other machines. */
import { type Row } from "@oee/model";
import { expect, test } from "vitest";
import { all, HOUR, row, stamp, summed } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("P-2: a component that is no whole number is refused, by an error that names it", async () => {
    await expect(on.store.insertRows([row("p2x/a/l/m", 0, { goodCount: 0.5 })], stamp(1))).rejects.toMatchObject({
      code: "OEE_STORE_INVALID",
      message: "good_count of a record is 0.5; a whole number is expected",
    });
    await expect(on.store.insertRows([row("p2x/a/l/m", 0.5)], stamp(1))).rejects.toMatchObject({
      code: "OEE_STORE_INVALID",
    });
    expect(summed(await on.store.sums({ machines: ["p2x/a/l/m"], periods: [HOUR], by: [] }))).toEqual([]);
  });

  test("P-5: the newest version wins whatever the order of arrival, and writing twice changes nothing", async () => {
    const [old, middle, newest] = [1, 2, 3].map((goodCount) => [row("p5/a/l/m", 0, { goodCount, product: "cola" })]);
    if (!old || !middle || !newest) throw new Error("three rows were made");
    await on.store.insertRows(middle, stamp(20));
    await on.store.insertRows(newest, stamp(2n ** 63n + 5n));
    await on.store.insertRows(old, stamp(10));
    for (let again = 0; again < 2; again++) {
      const { rows } = await on.store.sums({ machines: ["p5/a/l/m"], periods: [HOUR], by: [] });
      expect([...rows]).toMatchObject([{ goodCount: 3 }]);
      expect((await all(on.store.rows({ machines: ["p5/a/l/m"], period: HOUR }))).map((one) => one.version)).toEqual([
        2n ** 63n + 5n,
      ]);
      await on.store.insertRows(newest, stamp(2n ** 63n + 5n));
      await on.store.insertRows(old, stamp(10));
    }
  });

  test("P-5: a row whose components are all 0 retracts the stored row, unless that is newer", async () => {
    const machine = "p5zero/a/l/m";
    const nothing = (product: string | null): Row => row(machine, 0, { product, runTime: 0 });
    await on.store.insertRows([row(machine, 0, { product: "cola" }), row(machine, 0, { product: null })], stamp(5));
    await on.store.insertRows([nothing("cola"), row(machine, 0, { product: "water" })], stamp(6));
    await on.store.insertRows([nothing(null)], stamp(4));
    expect(await on.store.products({ machines: [machine], period: HOUR })).toEqual([null, "water"]);
    expect(await all(on.store.rows({ machines: [machine], period: HOUR }))).toHaveLength(2);
  });

  test("DI-3: rows come back as they were written, with plant version and version", async () => {
    const full: Row = row("di3/a/l/m", 7, {
      product: "cola",
      shift: "early",
      shiftDate: "2026-03-02",
      taktUs: 1_600_000,
      costPerHour: 0,
      goodCount: -5,
      idealTimeUs: -(2 ** 40),
    });
    const bare: Row = row("di3/a/l/m", 8);
    await on.store.insertRows([bare, full], { version: 77n, plantVersion: "sha-1" });
    expect(await all(on.store.rows({ machines: { under: "di3" }, period: HOUR }))).toEqual(
      [full, bare].map((one) => ({ ...one, version: 77n, plantVersion: "sha-1" })),
    );
  });
});
