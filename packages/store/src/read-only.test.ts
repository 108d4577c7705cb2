import { expect, test } from "vitest";
import { onEmbedded } from "../test/both-ways.ts";
import { migrate } from "./migrate.ts";
import { expectCurrent, readOnlyTransport } from "./read-only.ts";
import { MIGRATIONS } from "./schema.ts";

const on = onEmbedded();

test("what would change something is refused, and what reads is asked", async () => {
  const readOnly = readOnlyTransport(on.transport);
  expect(await readOnly.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await expect(readOnly.command("SELECT 1")).rejects.toMatchObject({ code: "OEE_STORE_READ_ONLY" });
  await expect(readOnly.insert("oee.events (machine)", [])).rejects.toMatchObject({ code: "OEE_STORE_READ_ONLY" });
});

test("a database of an older or a newer version is refused, which names both", async () => {
  await expect(expectCurrent(on.transport)).rejects.toMatchObject({ code: "OEE_STORE_SCHEMA_OLDER" });
  await migrate(on.transport, null);
  const current = MIGRATIONS.length;
  expect(await expectCurrent(on.transport)).toEqual({ applied: [], current });
  await expect(expectCurrent(on.transport, MIGRATIONS.slice(0, -1))).rejects.toMatchObject({
    code: "OEE_STORE_SCHEMA_NEWER",
    message: `the database has schema ${current}, this version knows ${current - 1}: run a newer version of open OEE`,
  });
});
