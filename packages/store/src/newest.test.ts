import { afterAll, beforeAll, expect, test } from "vitest";
import { event, row, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("an empty store has no offset and no version; else the greatest ones count", async () => {
  const { store } = open;
  expect(await store.newest()).toEqual({ offset: -1, version: 0n });
  await store.insertEvents([event("s/a/l/m", 0, 7), event("s/a/l/m", 1, 3)]);
  await store.insertRows([row("s/a/l/m", 0)], stamp(5));
  await store.insertDoubts([{ machine: "s/a/l/m", at: START, quantity: "good", doubted: true }], stamp(2n ** 60n));
  expect(await store.newest()).toEqual({ offset: 7, version: 2n ** 60n });
});
