/** Doubted totals (CN-8), by both ways to ClickHouse. */
import { type DoubtedTotal } from "@oee/model";
import { expect, test } from "vitest";
import { HOUR, MINUTE, stamp, START } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("CN-8: doubted totals are retracted when they are found true, or when a recompute of their span has none", async () => {
    const machine = "cn8/a/l/m";
    const machines = [machine];
    const total = (minute: number, quantity: DoubtedTotal["quantity"], doubted = true): DoubtedTotal => ({
      ...{ machine, at: START + minute * MINUTE, quantity, doubted },
    });
    const doubted = (): Promise<DoubtedTotal[]> => on.store.doubtedTotals({ machines, period: HOUR });
    await on.store.insertDoubts(
      [total(1, "good"), total(1, "produced"), total(2, "good"), total(3, "scrap")],
      stamp(5),
    );
    await on.store.insertDoubts([total(1, "good", false), total(4, "good")], stamp(6));
    await on.store.insertDoubts([total(1, "good")], stamp(4));
    expect(await doubted()).toEqual([total(1, "produced"), total(2, "good"), total(3, "scrap"), total(4, "good")]);
    const within = [{ after: 5n, before: 9n }];
    const { doubts } = await on.store.keysWritten({ machines, within });
    expect(doubts.toSorted((a, b) => a.at - b.at)).toEqual(
      [total(1, "good"), total(4, "good")].map(({ doubted: _, ...key }) => key),
    );
    expect(await on.store.oldestWritten({ machines, within })).toEqual(new Map([[machine, START + MINUTE]]));
    expect(await on.store.newestVersion(machines)).toBe(6n);
    expect(await on.store.isStoredFrom(machines, 6n)).toBe(true);
    for (let again = 0; again < 2; again++) {
      await on.store.insertDoubts([total(2, "good")], stamp(7));
      await on.store.retractDoubts({ machine, from: START, to: START + 3 * MINUTE }, stamp(7));
      expect(await doubted()).toEqual([total(2, "good"), total(3, "scrap"), total(4, "good")]);
    }
    const period = { from: START + 2 * MINUTE, to: START + 4 * MINUTE };
    expect(await on.store.countDoubts({ machines: [machine, "cn8/a/l/other"], period })).toBe(2);
    expect(await on.store.countDoubts({ machines: { under: "cn8/a" }, period: HOUR })).toBe(3);
  });
});
