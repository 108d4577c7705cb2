/**
 * Brings the database to this version's schema. May run twice, and in several processes at once: every statement may be
 * repeated, and what was applied is recorded with a checksum. A database that is ahead of this version is refused.
 */
import { createHash } from "node:crypto";
import type { Migration } from "./migrations/migration.ts";
import { MIGRATIONS } from "./schema.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

/** Identifier of a cluster in ClickHouse's configuration; tables are then replicated by `{shard}` and `{replica}`. */
const CLUSTER_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** A statement that is of a table's setting which older servers do not have. */
const IF_KNOWN = /^\{ifKnown (\w+)\} (.*)$/s;

export interface MigrationReport {
  readonly applied: readonly number[];
  readonly current: number;
}

/** The number of the newest migration that was applied; 0: none. */
export async function schemaOf(transport: Transport): Promise<number> {
  const [table] = await transport.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'oee' AND name = 'migrations'",
  );
  if (table === undefined) return 0;
  const [row] = await transport.rows<{ newest: number }>("SELECT max(number) AS newest FROM oee.migrations");
  return row?.newest ?? 0;
}

export async function migrate(
  transport: Transport,
  cluster: string | null,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<MigrationReport> {
  if (cluster !== null && !CLUSTER_NAME.test(cluster)) {
    throw new StoreError(
      "OEE_STORE_INVALID",
      `cluster is ${JSON.stringify(cluster)}; letters, digits, _ and - are expected`,
    );
  }
  const fill = (statement: string): string => fillTemplate(statement, transport.kind, cluster);
  const run = async (statement: string): Promise<void> => {
    const [, setting, always = statement] = IF_KNOWN.exec(statement) ?? [];
    if (setting === undefined || (await hasTableSetting(transport, setting))) await transport.command(fill(always));
  };
  await transport.command(fill("CREATE DATABASE IF NOT EXISTS oee {onCluster}"));
  await transport.command(
    fill(`CREATE TABLE IF NOT EXISTS oee.migrations {onCluster} (
  number UInt32 COMMENT 'number of the migration',
  name String COMMENT 'what it makes',
  checksum String COMMENT 'SHA-256 of its statements',
  applied_at DateTime('UTC') COMMENT 'when it was applied'
) ENGINE = {merge} ORDER BY (number, checksum) {settings} COMMENT 'What has been applied to this database'`),
  );
  const stored = await transport.rows<{ number: number; checksum: string; name: string }>(
    "SELECT number, checksum, name FROM oee.migrations FINAL ORDER BY number",
  );
  const current = Math.max(0, ...migrations.map((migration) => migration.number));
  const newest = stored.at(-1);
  if (newest !== undefined && newest.number > current) {
    throw new StoreError(
      "OEE_STORE_SCHEMA_NEWER",
      `the database has schema ${newest.number} (${newest.name}), this version knows ${current}: run a newer version of open OEE`,
    );
  }
  const applied: number[] = [];
  for (const migration of migrations) {
    const checksum = createHash("sha256").update(migration.statements.join(";\n")).digest("hex");
    const before = stored.filter((row) => row.number === migration.number);
    if (before.some((row) => row.checksum === checksum)) continue;
    if (before.length > 0) {
      throw new StoreError(
        "OEE_STORE_SCHEMA_CHANGED",
        `migration ${migration.number} (${migration.name}) was applied with checksum ${before[0]?.checksum}, this version has ${checksum}`,
      );
    }
    for (const statement of migration.statements) await run(statement);
    await transport.command(
      "INSERT INTO oee.migrations SETTINGS async_insert = 0 SELECT {number:UInt32}, {name:String}, {checksum:String}, now()",
      { number: migration.number, name: migration.name, checksum },
    );
    applied.push(migration.number);
  }
  return { applied, current };
}

async function hasTableSetting(transport: Transport, name: string): Promise<boolean> {
  const found = await transport.rows("SELECT name FROM system.merge_tree_settings WHERE name = {name:String}", {
    name,
  });
  return found.length > 0;
}

/** How rows of one key are merged: the newest stays, numbers add up, or as each column's function says. */
const ENGINES = {
  merge: "ReplacingMergeTree",
  sum: "SummingMergeTree",
  aggregate: "AggregatingMergeTree",
} as const;

/**
 * On a cluster the tables replicate. In this process nothing else holds the data, so inserts go through to the disk, and
 * survive a power cut like the log that they came from. A month that rests is merged into one part, which needs no FINAL.
 */
function fillTemplate(statement: string, kind: Transport["kind"], cluster: string | null): string {
  const settings = [
    "min_age_to_force_merge_seconds = 3600",
    "min_age_to_force_merge_on_partition_only = 1",
    ...(kind === "embedded" ? ["fsync_after_insert = 1", "fsync_part_directory = 1"] : []),
  ];
  return statement
    .replace("{onCluster}", cluster === null ? "" : `ON CLUSTER \`${cluster}\``)
    .replace("{settings}", `SETTINGS ${settings.join(", ")}`)
    .replace(/\{(merge|sum|aggregate) ?([^}]*)\}/, (_, engine: keyof typeof ENGINES, columns: string) => {
      const name = ENGINES[engine];
      if (cluster === null) return `${name}(${columns})`;
      // The default path holds the table's UUID, so that a table made anew never meets its old replicas.
      return `Replicated${name}('/clickhouse/tables/{uuid}/{shard}', '{replica}'${columns && `, ${columns}`})`;
    });
}
