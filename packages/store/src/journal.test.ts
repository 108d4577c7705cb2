/** Plant files and what was done to numbers (DI-3), by both ways to ClickHouse. */
import { expect, test } from "vitest";
import { START, NASTY } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("DI-3: plant files are kept by version, and the audit trail has what was done to numbers", async () => {
    const text = `enterprise: acme\n# ${NASTY.join(" ")}\n`;
    await on.store.savePlant({ version: "one", loadedAt: START, text });
    await on.store.savePlant({ version: "two", loadedAt: START + 1, text: "enterprise: b" });
    await on.store.savePlant({ version: "one", loadedAt: START, text });
    expect(await on.store.plantFile("one")).toEqual({ version: "one", loadedAt: START, text });
    expect((await on.store.plantFile())?.version).toBe("two");
    expect(await on.store.plantFile("three")).toBeNull();
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
    await on.store.recordAudit(entry);
    await on.store.recordAudit(entry);
    await on.store.recordAudit({ ...entry, at: START + 5, id: "2", from: null });
    expect(await on.store.auditTrail(10)).toEqual([{ ...entry, at: START + 5, id: "2", from: null }, entry]);
  });
});
