/** Large writes, by both ways to ClickHouse. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MINUTE, row, stamp, START } from "../test/rows.ts";
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

  test("rows of many years are written at once, and summed", async () => {
    const rows = Array.from({ length: 150 }, (_, month) => row("years/a/l/m", month * 31 * 1440, { goodCount: month }));
    await store.insertRows(rows, stamp(1));
    const periods = [{ from: START, to: START + 150 * 31 * 1440 * MINUTE }];
    const { rows: found } = await store.sums({ machines: { under: "years" }, periods, by: [] });
    expect([...found]).toMatchObject([{ goodCount: (149 * 150) / 2 }]);
  });
});
