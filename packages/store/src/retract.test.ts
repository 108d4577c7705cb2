/** What a recompute did not write again is retracted, by both ways to ClickHouse. */
import { expect, test } from "vitest";
import { all, HOUR, MINUTE, row, segment, stamp, START } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("DI-1: a recompute retracts the rows and stops of its span that it did not write again", async () => {
    const machine = "di1/a/l/m";
    await on.store.insertRows(
      [row(machine, 0, { product: "a" }), row(machine, 1, { product: "a" }), row(machine, 2, { product: "a" })],
      stamp(5),
    );
    await on.store.insertStops([segment(machine, 0, 1), segment(machine, 1, 1), segment(machine, 2, 1)], stamp(5));
    const span = { machine, from: START, to: START + 2 * MINUTE };
    for (let again = 0; again < 2; again++) {
      await on.store.insertRows(
        [row(machine, 0, { product: "b" }), row(machine, 1, { product: "a", goodCount: 7 })],
        stamp(6),
      );
      await on.store.retractRows(span, stamp(6));
      await on.store.insertStops([segment(machine, 1, 1, { reason: "new" })], stamp(6));
      await on.store.retractStops(span, stamp(6));
      const rows = await all(on.store.rows({ machines: [machine], period: HOUR }));
      expect(rows.map((one) => [(one.from - START) / MINUTE, one.product, one.goodCount])).toEqual([
        [0, "b", 0],
        [1, "a", 7],
        [2, "a", 0],
      ]);
      const { stops } = await on.store.stops({ machines: [machine], period: HOUR, limit: 10 });
      expect(stops.map((one) => [(one.from - START) / MINUTE, one.reason])).toEqual([
        [1, "new"],
        [2, null],
      ]);
    }
  });
});
