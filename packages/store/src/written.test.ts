import { afterAll, beforeAll, expect, test } from "vitest";
import { MINUTE, row, segment, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("what was last written within spans of versions is found by its key, what was written again later is not", async () => {
  const { store } = open;
  const machine = "written/a/l/m";
  await store.insertRows([row(machine, 1), row(machine, 2, { product: "cola" }), row(machine, 3)], stamp(5));
  await store.insertRows([row(machine, 3)], stamp(9));
  await store.insertStops([segment(machine, 4, 1)], stamp(6));
  const query = { machines: { under: "written" }, within: [{ after: 4n, before: 7n }] };
  const { rows, stops } = await store.keysWritten(query);
  expect(rows.toSorted((a, b) => a.from - b.from)).toEqual([
    { machine, from: START + MINUTE, product: null, shift: null, shiftDate: null },
    { machine, from: START + 2 * MINUTE, product: "cola", shift: null, shiftDate: null },
  ]);
  expect(stops).toEqual([{ machine, from: START + 4 * MINUTE }]);
  expect(await store.oldestWritten(query)).toEqual(new Map([[machine, START + MINUTE]]));
  // Neither bound is included.
  expect(await store.oldestWritten({ ...query, within: [{ after: 9n, before: 11n }] })).toEqual(new Map());
  expect([await store.newestVersion([machine]), await store.isStoredFrom([machine], 10n)]).toEqual([9n, false]);
  await expect(store.keysWritten({ ...query, within: [] })).rejects.toThrow(
    "no versions are given; one span is expected",
  );
});
