/** Plant files and what was done to numbers (DI-3), by both ways to ClickHouse. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";
import type { Store } from "./index.ts";

const NASTY = [
  "",
  "x'; DROP TABLE oee.stops; --",
  "tab\tline\nback\\slash",
  "Flasche 0,6 l – größer 🍾",
  "\\N",
  "{a:String}",
];

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  let store: Store;
  beforeAll(async () => {
    open = await openWay(way);
    store = open.store;
  });
  afterAll(() => open.close());

  test("DI-3: plant files are kept by version, and the audit trail has what was done to numbers", async () => {
    const text = `enterprise: acme\n# ${NASTY.join(" ")}\n`;
    await store.savePlant({ version: "one", loadedAt: START, text });
    await store.savePlant({ version: "two", loadedAt: START + 1, text: "enterprise: b" });
    await store.savePlant({ version: "one", loadedAt: START, text });
    expect(await store.plantFile("one")).toEqual({ version: "one", loadedAt: START, text });
    expect((await store.plantFile())?.version).toBe("two");
    expect(await store.plantFile("three")).toBeNull();
    const entry = {
      at: START,
      id: "1",
      actor: "anna",
      action: "recompute",
      scope: "*",
      from: START,
      to: null,
      plantVersion: "one",
      detail: '{"rows":3}',
    };
    await store.recordAudit(entry);
    await store.recordAudit(entry);
    await store.recordAudit({ ...entry, at: START + 5, id: "2", from: null });
    expect(await store.auditTrail(10)).toEqual([{ ...entry, at: START + 5, id: "2", from: null }, entry]);
  });
});
