import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, row, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("BL-6: each plant file is told with the first minute of its rows, in the order of digests", async () => {
  const { store } = open;
  const machine = "versions/a/l/m";
  await store.insertRows([row(machine, 0), row(machine, 1)], stamp(1));
  await store.insertRows([row(machine, 1), row(machine, 2)], { version: 2n, plantVersion: "newer" });
  expect(await store.plantVersions({ machines: [machine], period: HOUR })).toEqual([
    { version: "newer", from: START + MINUTE },
    { version: "plant-1", from: START },
  ]);
  expect(await store.plantVersions({ machines: [machine], period: { from: START, to: START + MINUTE } })).toEqual([
    { version: "plant-1", from: START },
  ]);
});
