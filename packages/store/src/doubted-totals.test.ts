/** Doubted totals (CN-8), by both ways to ClickHouse. */
import { type DoubtedTotal } from "@oee/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOUR, MINUTE, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";
import type { Store } from "./index.ts";

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  let store: Store;
  beforeAll(async () => {
    open = await openWay(way);
    store = open.store;
  });
  afterAll(() => open.close());

  test("CN-8: doubted totals are retracted when they are found true, or when a recompute of their span has none", async () => {
    const machine = "cn8/a/l/m";
    const machines = [machine];
    const total = (minute: number, quantity: DoubtedTotal["quantity"], doubted = true): DoubtedTotal => ({
      ...{ machine, at: START + minute * MINUTE, quantity, doubted },
    });
    const doubted = (): Promise<DoubtedTotal[]> => store.doubtedTotals({ machines, period: HOUR });
    await store.insertDoubts([total(1, "good"), total(1, "produced"), total(2, "good"), total(3, "scrap")], stamp(5));
    await store.insertDoubts([total(1, "good", false), total(4, "good")], stamp(6));
    await store.insertDoubts([total(1, "good")], stamp(4));
    expect(await doubted()).toEqual([total(1, "produced"), total(2, "good"), total(3, "scrap"), total(4, "good")]);
    const within = [{ after: 5n, before: 9n }];
    const { doubts } = await store.keysWritten({ machines, within });
    expect(doubts.toSorted((a, b) => a.at - b.at)).toEqual(
      [total(1, "good"), total(4, "good")].map(({ doubted: _, ...key }) => key),
    );
    expect(await store.oldestWritten({ machines, within })).toEqual(new Map([[machine, START + MINUTE]]));
    expect(await store.newestVersion(machines)).toBe(6n);
    expect(await store.isStoredFrom(machines, 6n)).toBe(true);
    for (let again = 0; again < 2; again++) {
      await store.insertDoubts([total(2, "good")], stamp(7));
      await store.retractDoubts({ machine, from: START, to: START + 3 * MINUTE }, stamp(7));
      expect(await doubted()).toEqual([total(2, "good"), total(3, "scrap"), total(4, "good")]);
    }
    const period = { from: START + 2 * MINUTE, to: START + 4 * MINUTE };
    expect(await store.countDoubts({ machines: [machine, "cn8/a/l/other"], period })).toBe(2);
    expect(await store.countDoubts({ machines: { under: "cn8/a" }, period: HOUR })).toBe(3);
  });
});
