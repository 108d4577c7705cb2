/** How a database comes to its schema, and which ones are refused. */
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./schema.ts";
import type { Transport } from "./transport.ts";

const SECOND = { number: 2, name: "a second one", statements: ["CREATE VIEW IF NOT EXISTS oee.second AS SELECT 1"] };

describe("migrations", () => {
  let folder: string;
  let transport: Transport;
  beforeEach(async () => {
    folder = await temporaryFolder();
    transport = await connectEmbedded({ path: folder });
  });
  afterEach(async () => {
    await transport.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("are applied once, in order, also when several begin at once", async () => {
    const reports = await Promise.all([migrate(transport, null), migrate(transport, null)]);
    expect(reports.map((report) => report.current)).toEqual([1, 1]);
    expect(await migrate(transport, null)).toEqual({ applied: [], current: 1 });
    expect(await migrate(transport, null, [...MIGRATIONS, SECOND])).toEqual({ applied: [2], current: 2 });
  });

  test("a database that is ahead is refused, and one whose past is another", async () => {
    await migrate(transport, null, [...MIGRATIONS, SECOND]);
    await expect(migrate(transport, null)).rejects.toMatchObject({
      code: "OEE_STORE_SCHEMA_NEWER",
      message: "the database has schema 2 (a second one), this version knows 1: run a newer version of open OEE",
    });
    await expect(
      migrate(transport, null, [...MIGRATIONS, { ...SECOND, statements: ["SELECT 2"] }]),
    ).rejects.toMatchObject({
      code: "OEE_STORE_SCHEMA_CHANGED",
    });
  });

  test("contract: every table and every column says what it holds, and every number its unit", async () => {
    await migrate(transport, null);
    const tables = await transport.rows<{ name: string; comment: string }>(
      "SELECT name, comment FROM system.tables WHERE database = 'oee' ORDER BY name",
    );
    expect(tables.filter((table) => table.comment === "")).toEqual([]);
    const columns = await transport.rows<{ table: string; name: string; comment: string; type: string }>(
      "SELECT table, name, comment, type FROM system.columns WHERE database = 'oee' AND table NOT LIKE '%_final'",
    );
    expect(columns.length).toBeGreaterThan(60);
    expect(columns.filter((column) => column.comment === "")).toEqual([]);
    const measures = columns.filter((column) => /_(ms|us|count)$/.test(column.name));
    expect(measures.filter((column) => !/(milliseconds|microseconds|number|items?)/.test(column.comment))).toEqual([]);
  });

  test("on a cluster every statement is one that ClickHouse can read (it could not be run on one)", async () => {
    await migrate(transport, null);
    const statements: string[] = [];
    const recording: Transport = {
      ...transport,
      kind: "server",
      rows: async () => [],
      command: async (sql) => void statements.push(sql),
    };
    await migrate(recording, "factory-1");
    const creating = statements.filter((sql) => sql.startsWith("CREATE"));
    expect(creating).toHaveLength(2 + MIGRATIONS.flatMap((migration) => migration.statements).length);
    for (const sql of creating) {
      expect(sql).toContain("ON CLUSTER `factory-1`");
      expect(sql).not.toMatch(/ENGINE = Replacing|\{(onCluster|settings|merge)/);
      await transport.rows(`SELECT formatQuery({sql:String})`, { sql });
    }
    await expect(migrate(transport, "x`; DROP")).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
  });
});
