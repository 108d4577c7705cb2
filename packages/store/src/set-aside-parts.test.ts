import { rename, rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../test/ways.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { partsSetAside } from "./set-aside-parts.ts";
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

test("a part that ClickHouse could not read is named; one that an operator detached by hand is not", async () => {
  await transport.command("CREATE DATABASE oee");
  await transport.command("CREATE TABLE oee.t (a UInt8) ENGINE = MergeTree ORDER BY a PARTITION BY a");
  await transport.command("INSERT INTO oee.t VALUES (1), (2)");
  await transport.command("ALTER TABLE oee.t DETACH PARTITION 1");
  expect(await partsSetAside(transport)).toEqual([]);
  const [detached] = await transport.rows<{ path: string; name: string }>(
    "SELECT path, name FROM system.detached_parts",
  );
  if (detached === undefined) throw new Error("a part was detached");
  const whole = detached.path.replace(/\/$/, "");
  await rename(whole, whole.replace(/[^/]+$/, `broken-on-start_${detached.name}`));
  expect(await partsSetAside(transport)).toMatchObject([
    { table: "t", part: `broken-on-start_${detached.name}`, reason: "broken-on-start" },
  ]);
});
