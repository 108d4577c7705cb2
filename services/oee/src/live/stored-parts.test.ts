import type { PartSetAside, Store } from "@oee/store";
import { pino } from "pino";
import { expect, test } from "vitest";
import { storedPartsCheck } from "./stored-parts.ts";

test("parts that were set aside are told as long as they are there, and no longer", async () => {
  let parts: readonly PartSetAside[] = [
    { table: "kpi_minutes", part: "all_1_1_0", reason: "broken-on-start", path: "/data/detached/broken_1" },
  ];
  const store = { partsSetAside: async () => parts } as unknown as Store;
  let now = 0;
  const check = await storedPartsCheck(store, pino({ level: "silent" }), () => now);
  expect(check()).toMatchObject({ name: "stored parts", ok: false });
  expect(check().detail).toContain("/data/detached/broken_1");
  parts = [];
  now = 60_000;
  await expect.poll(check).toEqual({ name: "stored parts", ok: true, detail: "all are read" });
});
