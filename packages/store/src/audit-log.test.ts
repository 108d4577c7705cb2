/** The table of the audit, by both ways to ClickHouse. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";
import type { AuditRow } from "./index.ts";

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  beforeAll(async () => {
    open = await openWay(way);
  });
  afterAll(() => open.close());

  test("lines of any size and text are stored as they are", async () => {
    const { store } = open;
    const texts = ["", "\0'\\\n\t{x:String}", "🏭".repeat(50), "x".repeat(1_048_000), "[".repeat(300_000)];
    const rows = texts.map(
      (raw, offset): AuditRow => ({
        ...{
          offset,
          at: START + offset,
          who: "",
          kind: offset === 1 ? "sign-in" : "unreadable",
          what: raw.slice(0, 8),
        },
        ...{ scope: "*", from: "", raw, hash: String(offset).repeat(64) },
      }),
    );
    await store.insertAudit(rows);
    await store.insertAudit(rows.slice(1, 3));
    expect(await store.auditRows({ limit: 10 })).toEqual(rows);
    expect(await store.auditExtent()).toMatchObject({ lines: 5, end: 5 });
  });
});
