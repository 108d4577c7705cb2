/** The SQL statements of docs/store.md run, and its tables of columns name columns that exist. */
import { readFile, rm } from "node:fs/promises";
import { COMPONENT_NAMES, publicNameOf, RowBatch } from "@oee/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { row, segment, stamp } from "../test/rows.ts";
import { temporaryFolder } from "../test/ways.ts";
import { COMPONENT_COLUMNS } from "./component-columns.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { kpiMinuteColumns } from "./kpi-minute-table.ts";
import { migrate } from "./migrate.ts";
import { stopColumns } from "./stop-table.ts";
import type { Transport } from "./transport.ts";
import { writeBatches } from "./writer.ts";

const document = await readFile(new URL("../../../docs/store.md", import.meta.url), "utf8");
const specification = await readFile(new URL("../../engine/SPEC.md", import.meta.url), "utf8");
const COMPONENTS_OF_0_1_0 = 19;
const statements = [...document.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]?.trim() ?? "");
const machine = "berlin/packing/l1/filler";

let folder: string;
let transport: Transport;
beforeAll(async () => {
  folder = await temporaryFolder();
  transport = await connectEmbedded({ path: folder });
  await migrate(transport, null);
  const early = { shift: "early", shiftDate: "2026-03-02" };
  const rows = RowBatch.of([
    row(machine, 0, { ...early, idealGoodTimeUs: 30_000_000 }),
    row(machine, 1, { ...early, runTime: 0, unplannedStopTime: 60_000 }),
  ]);
  await writeBatches(transport, "kpi_minutes", kpiMinuteColumns(stamp(1)), rows);
  await writeBatches(transport, "stops", stopColumns(stamp(1)), [segment(machine, 1, 1, { reason: "mechanical/jam" })]);
});
afterAll(async () => {
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(statements.map((sql) => [sql.split("\n", 1)[0] ?? "", sql]))("contract: %s …", async (_, sql) => {
  const running = sql.startsWith("ALTER") ? transport.command(sql) : transport.rows(sql);
  await expect(running.then(() => "ran")).resolves.toBe("ran");
});

test("contract: the statements for OEE and for reasons of stops give the right figures", async () => {
  expect(await transport.rows(statements[0] ?? "")).toEqual([
    { machine, day: "2026-03-02", oee: 0.25, availability: 0.5 },
  ]);
  expect(await transport.rows(statements[2] ?? "")).toEqual([
    { reason: "mechanical/jam", segments: "1", stops: "1", minutes: 1 },
  ]);
});

test("contract: every column that docs/store.md explains exists, and every component is named in the specification", () => {
  const [, table = ""] = /^`kpi_minutes` has.*?$(.*?)^The column/ms.exec(document) ?? [];
  const named = [...table.matchAll(/`(\w+_(?:ms|us|count))`/g)].map(([, column = ""]) => column);
  expect(named.length).toBeGreaterThan(COMPONENTS_OF_0_1_0);
  const known = [...COMPONENT_COLUMNS, "takt_us", "operating_time_ms", "planned_time_ms", "produced_count"];
  expect(named.filter((column) => !known.includes(column))).toEqual([]);
  const [, components = ""] = /^## 6\. Components$(.*?)^## 7/ms.exec(specification) ?? [];
  expect(COMPONENT_NAMES.filter((name) => !components.includes(`\`${publicNameOf(name)}\``))).toEqual([]);
});
