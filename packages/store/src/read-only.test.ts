import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { migrate } from "./migrate.ts";
import { expectCurrent, readOnlyTransport } from "./read-only.ts";
import { MIGRATIONS } from "./schema.ts";
import type { Transport } from "./transport.ts";

let folder: string;
let transport: Transport;
beforeAll(async () => {
  folder = await temporaryFolder();
  transport = await connectEmbedded({ path: folder });
});
afterAll(async () => {
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});

test("what would change something is refused, and what reads is asked", async () => {
  const readOnly = readOnlyTransport(transport);
  expect(await readOnly.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await expect(readOnly.command("SELECT 1")).rejects.toMatchObject({ code: "OEE_STORE_READ_ONLY" });
  await expect(readOnly.insert("oee.events (machine)", [])).rejects.toMatchObject({ code: "OEE_STORE_READ_ONLY" });
});

test("a database of an older or a newer version is refused, which names both", async () => {
  await expect(expectCurrent(transport)).rejects.toMatchObject({ code: "OEE_STORE_SCHEMA_OLDER" });
  await migrate(transport, null);
  const current = MIGRATIONS.length;
  expect(await expectCurrent(transport)).toEqual({ applied: [], current });
  await expect(expectCurrent(transport, MIGRATIONS.slice(0, -1))).rejects.toMatchObject({
    code: "OEE_STORE_SCHEMA_NEWER",
    message: `the database has schema ${current}, this version knows ${current - 1}: run a newer version of open OEE`,
  });
});
