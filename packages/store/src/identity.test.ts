import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
let before: number;
beforeAll(async () => {
  before = Math.floor(Date.now() / 1000);
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("a store is known by the second in which its first tables were made, which a further start does not change", async () => {
  const made = await open.store.madeAt();
  expect(made).toBeGreaterThanOrEqual(before);
  expect(made).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
  await open.store.migrate();
  expect(await open.store.madeAt()).toBe(made);
});
