/** Large writes, by both ways to ClickHouse. */
import { expect, test } from "vitest";
import { MINUTE, row, stamp, START } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("rows of many years are written at once, and summed", async () => {
    const rows = Array.from({ length: 150 }, (_, month) => row("years/a/l/m", month * 31 * 1440, { goodCount: month }));
    await on.store.insertRows(rows, stamp(1));
    const periods = [{ from: START, to: START + 150 * 31 * 1440 * MINUTE }];
    const { rows: found } = await on.store.sums({ machines: { under: "years" }, periods, by: [] });
    expect([...found]).toMatchObject([{ goodCount: (149 * 150) / 2 }]);
  });
});
