/** Migrations bring a database to the schema of this version, and refuse one that is newer or was changed. */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { COMPONENT_NAMES, isQuantity } from "@oee/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { COMPONENT_COLUMNS, columnOf } from "./component-columns.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./schema.ts";
import type { Transport } from "./transport.ts";

/** SHA-256 of the released migrations, as every installation has stored them. A release adds those of its new migrations; none changes. */
const RELEASED: readonly string[] = ["9f46327116469ab5313bb5b1233e6c9d70a1bd181f33940e935766777f7f2e1e"];
const NEXT = MIGRATIONS.length + 1;
const COMMENT_AND_COLUMN = {
  number: NEXT,
  name: "a comment and a component more",
  statements: [
    "ALTER TABLE oee.kpi_minutes {onCluster} COMMENT COLUMN IF EXISTS run_time_ms 'actual production time; milliseconds'",
    "ALTER TABLE oee.kpi_minutes {onCluster} ADD COLUMN IF NOT EXISTS waiting_time_ms Int64 COMMENT 'waiting; milliseconds' AFTER minor_stop_count",
    "CREATE OR REPLACE VIEW oee.kpi_minutes_final {onCluster} AS SELECT * EXCEPT (version, deleted) FROM oee.kpi_minutes FINAL COMMENT 'Components'",
  ],
};
const SECOND = { number: NEXT, name: "a second one", statements: ["CREATE VIEW IF NOT EXISTS oee.second AS SELECT 1"] };

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

  test("are applied once, in order, also when several processes begin at once", async () => {
    const reports = await Promise.all([migrate(transport, null), migrate(transport, null)]);
    expect(reports.map((report) => report.current)).toEqual([NEXT - 1, NEXT - 1]);
    expect(await migrate(transport, null)).toEqual({ applied: [], current: NEXT - 1 });
    expect(await migrate(transport, null, [...MIGRATIONS, SECOND])).toEqual({ applied: [NEXT], current: NEXT });
  });

  test("refuse a database with a newer schema, and one in which an applied migration differs from ours", async () => {
    await migrate(transport, null, [...MIGRATIONS, SECOND]);
    await expect(migrate(transport, null)).rejects.toMatchObject({
      code: "OEE_STORE_SCHEMA_NEWER",
      message: `the database has schema ${NEXT} (a second one), this version knows ${NEXT - 1}: run a newer version of open OEE`,
    });
    await expect(
      migrate(transport, null, [...MIGRATIONS, { ...SECOND, statements: ["SELECT 2"] }]),
    ).rejects.toMatchObject({
      code: "OEE_STORE_SCHEMA_CHANGED",
    });
  });

  test("have their released text unchanged, and are numbered from 1 without gaps", () => {
    const checksums = MIGRATIONS.map(({ statements }) =>
      createHash("sha256").update(statements.join(";\n")).digest("hex"),
    );
    expect(checksums.slice(0, RELEASED.length)).toEqual(RELEASED);
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  test("can change a comment and add a component to existing tables", async () => {
    await migrate(transport, null);
    expect(await migrate(transport, null, [...MIGRATIONS, COMMENT_AND_COLUMN])).toMatchObject({ applied: [NEXT] });
    const of = (table: string): Promise<{ name: string; comment: string }[]> =>
      transport.rows(`SELECT name, comment FROM system.columns WHERE database = 'oee' AND table = '${table}'`);
    expect(await of("kpi_minutes")).toContainEqual({
      name: "run_time_ms",
      comment: "actual production time; milliseconds",
    });
    expect((await of("kpi_minutes_final")).map(({ name }) => name)).toContain("waiting_time_ms");
  });

  test("P-1, CN-5: the view `kpi_minutes_final` has every component, quantities in units; a new component needs a migration", async () => {
    await migrate(transport, null);
    const stored = COMPONENT_NAMES.map((_, place) => 100 * (place + 1));
    await transport.command(
      `INSERT INTO oee.kpi_minutes (machine, minute, decimals, ${COMPONENT_COLUMNS.join(", ")})
       VALUES ('m', '2026-03-02 06:00:00', 2, ${stored.join(", ")})`,
    );
    const shown = COMPONENT_COLUMNS.map((column) => `toFloat64(${column}) AS ${column}`).join(", ");
    const expected = COMPONENT_NAMES.map((name, place) => [
      columnOf(name),
      isQuantity(name) ? place + 1 : stored[place],
    ]);
    expect(await transport.rows(`SELECT ${shown} FROM oee.kpi_minutes_final`)).toEqual([Object.fromEntries(expected)]);
  });

  test("P-1: minute rows that were stored before their codecs changed are the same rows in less room", async () => {
    await migrate(transport, null, MIGRATIONS.slice(0, 8));
    await transport.command(`INSERT INTO oee.kpi_minutes (machine, minute, run_time_ms, good_count, ideal_time_us, ideal_good_time_us, version)
SELECT concat('m', toString(number % 7)), toDateTime('2026-03-02 06:00:00', 'UTC') + intDiv(number, 7) * 60, 60000 - number % 11,
  toInt64(sipHash64(number) % 50) - 5, (toInt64(sipHash64(number) % 50) - 5) * 1234567, -1234567, 9223372036854775808 + number * 20 FROM numbers(70000)`);
    const content = "SELECT sum(sipHash64(*)) AS digest, count() AS rows FROM oee.kpi_minutes FINAL";
    const bytes = async (): Promise<number> => {
      await transport.command("OPTIMIZE TABLE oee.kpi_minutes FINAL");
      const [{ size } = { size: 0 }] = await transport.rows<{ size: string | number }>(
        "SELECT sum(data_compressed_bytes) AS size FROM system.parts WHERE database = 'oee' AND table = 'kpi_minutes' AND active",
      );
      return Number(size);
    };
    const [before, sizeBefore] = [await transport.rows(content), await bytes()];
    await migrate(transport, null);
    expect(await bytes()).toBeLessThan(0.6 * sizeBefore);
    expect(await transport.rows(content)).toEqual(before);
  });

  test("merge no less than ten parts of the tables that each write adds to, in a database of before too", async () => {
    const merging = async (): Promise<string[]> => {
      const tables = await transport.rows<{ name: string }>(
        "SELECT name FROM system.tables WHERE database = 'oee' AND engine_full LIKE '%min_parts_to_merge_at_once = 10%' ORDER BY name",
      );
      return tables.map(({ name }) => name);
    };
    await migrate(transport, null, MIGRATIONS.slice(0, 11));
    expect(await merging()).toEqual([]);
    await migrate(transport, null);
    expect(await merging()).toEqual(["asset_days", "events", "kpi_minutes", "stops"]);
  });

  test("merge small parts with one another, and not with a large one that would be written anew each time; make no statistics", async () => {
    await migrate(transport, null);
    const insert = (from: number, rows: number): Promise<void> =>
      transport.command(`INSERT INTO oee.events (machine, type, at, topic, partition, offset, raw)
SELECT concat('m', toString(number % 100)), 'count', toDateTime64('2026-03-02 06:00:00', 3, 'UTC') + number, 'oee.events', 0, number, toString(sipHash64(number))
FROM numbers(${from}, ${rows})`);
    await insert(0, 250_000);
    for (let part = 0; part < 10; part++) await insert(250_000 + part * 1_000, 1_000);
    const parts = (): Promise<{ size: string; statistics: string[] }[]> =>
      transport.rows(
        `SELECT toString(any(rows)) AS size, groupUniqArrayArray(statistics) AS statistics FROM system.parts_columns
WHERE database = 'oee' AND table = 'events' AND active GROUP BY name ORDER BY toUInt64(size) DESC`,
      );
    await expect.poll(async () => (await parts()).length).toBeLessThan(10);
    expect(await parts()).toEqual([
      { size: "250000", statistics: [] },
      { size: "10000", statistics: [] },
    ]);
  });

  test("leave a setting out that ClickHouse does not have, as an older server", async () => {
    const statements = [
      "{ifKnown no_such_setting} ALTER TABLE oee.events {onCluster} MODIFY SETTING no_such_setting = 1",
      "{ifKnown merge_max_block_size} ALTER TABLE oee.events {onCluster} MODIFY SETTING merge_max_block_size = 4000",
    ];
    await migrate(transport, null, [...MIGRATIONS, { number: NEXT, name: "settings", statements }]);
    const [events] = await transport.rows<{ full: string }>(
      "SELECT engine_full AS full FROM system.tables WHERE database = 'oee' AND name = 'events'",
    );
    expect(events?.full).toContain("merge_max_block_size = 4000");
  });

  test("contract: every table and column has a comment, and that of a number names its unit", async () => {
    await migrate(transport, null);
    const tables = await transport.rows<{ name: string; comment: string }>(
      "SELECT name, comment FROM system.tables WHERE database = 'oee' ORDER BY name",
    );
    expect(tables.filter((table) => table.comment === "")).toEqual([]);
    const columns = await transport.rows<{ table: string; name: string; comment: string; type: string }>(
      "SELECT table, name, comment, type FROM system.columns WHERE database = 'oee' AND table NOT LIKE '%_final' AND table NOT LIKE '%_of_events' AND table NOT LIKE '%_of_minutes'",
    );
    expect(columns.length).toBeGreaterThan(60);
    expect(columns.filter((column) => column.comment === "")).toEqual([]);
    const measures = columns.filter((column) => /_(ms|us|count)$/.test(column.name));
    expect(measures.filter((column) => !/(milliseconds|microseconds|number|items?)/.test(column.comment))).toEqual([]);
  });

  test("for a cluster every statement is parsed by ClickHouse (no cluster is there to run them)", async () => {
    await migrate(transport, null);
    const statements: string[] = [];
    const recording: Transport = {
      ...transport,
      kind: "server",
      rows: async <T>(sql: string) => (sql.includes("merge_tree_settings") ? [{} as T] : []),
      command: async (sql) => void statements.push(sql),
    };
    await migrate(recording, "factory-1");
    const changing = statements.filter((sql) => /^(CREATE|ALTER|TRUNCATE|DROP)/.test(sql));
    expect(changing).toHaveLength(
      2 + MIGRATIONS.flatMap(({ statements: all }) => all).filter((sql) => !sql.startsWith("INSERT")).length,
    );
    for (const sql of changing) {
      expect(sql).toContain("ON CLUSTER `factory-1`");
      expect(sql).not.toMatch(/ENGINE = (Replacing|Summing|Aggregating)|\{(onCluster|settings|merge|sum|aggregate)/);
      await transport.rows(`SELECT formatQuery({sql:String})`, { sql });
    }
    await expect(migrate(transport, "x`; DROP")).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
  });
});
