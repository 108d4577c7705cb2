/** A store that is read alone: nothing that would change something is sent, and the database has to be of this version. */
import { type MigrationReport, schemaOf } from "./migrate.ts";
import type { Migration } from "./migrations/migration.ts";
import { MIGRATIONS } from "./schema.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

export function readOnlyTransport(transport: Transport): Transport {
  const refuse = (): Promise<never> =>
    Promise.reject(new StoreError("OEE_STORE_READ_ONLY", "the store was opened to be read alone"));
  return { ...transport, command: refuse, insert: refuse };
}

/** Throws `OEE_STORE_SCHEMA_OLDER` or `OEE_STORE_SCHEMA_NEWER`. */
export async function expectCurrent(
  transport: Transport,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<MigrationReport> {
  const current = Math.max(0, ...migrations.map(({ number }) => number));
  const newest = await schemaOf(transport);
  if (newest === current) return { applied: [], current };
  const what = `the database has schema ${newest}, this version knows ${current}`;
  if (newest > current) throw new StoreError("OEE_STORE_SCHEMA_NEWER", `${what}: run a newer version of open OEE`);
  throw new StoreError(
    "OEE_STORE_SCHEMA_OLDER",
    `${what}: expected a worker or a gateway of this version, which may write, to have run before`,
  );
}
