import { rename } from "node:fs/promises";
import { expect, test } from "vitest";
import { onEmbedded } from "../test/both-ways.ts";
import { partsSetAside } from "./set-aside-parts.ts";

const on = onEmbedded();

test("a part that ClickHouse could not read is named; one that an operator detached by hand is not", async () => {
  await on.transport.command("CREATE DATABASE oee");
  await on.transport.command("CREATE TABLE oee.t (a UInt8) ENGINE = MergeTree ORDER BY a PARTITION BY a");
  await on.transport.command("INSERT INTO oee.t VALUES (1), (2)");
  await on.transport.command("ALTER TABLE oee.t DETACH PARTITION 1");
  expect(await partsSetAside(on.transport)).toEqual([]);
  const [detached] = await on.transport.rows<{ path: string; name: string }>(
    "SELECT path, name FROM system.detached_parts",
  );
  if (detached === undefined) throw new Error("a part was detached");
  const whole = detached.path.replace(/\/$/, "");
  await rename(whole, whole.replace(/[^/]+$/, `broken-on-start_${detached.name}`));
  expect(await partsSetAside(on.transport)).toMatchObject([
    { table: "t", part: `broken-on-start_${detached.name}`, reason: "broken-on-start" },
  ]);
});
