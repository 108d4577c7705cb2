import { rm } from "node:fs/promises";
import { RowBatch } from "@oee/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, row, START } from "../test/rows.ts";
import { temporaryFolder } from "../test/ways.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { kpiMinuteColumns } from "./kpi-minute-table.ts";
import { migrate } from "./migrate.ts";
import { plantSpans, plantVersions } from "./plant-versions.ts";
import type { Transport } from "./transport.ts";
import { writeBatches } from "./writer.ts";

let folder: string;
let transport: Transport;
beforeAll(async () => {
  folder = await temporaryFolder();
  transport = await connectEmbedded({ path: folder });
  await migrate(transport, null);
});
afterAll(async () => {
  await transport.close();
  await rm(folder, { recursive: true, force: true });
});

function write(plantVersion: string, version: bigint, rows: RowBatch): Promise<void> {
  return writeBatches(transport, "kpi_minutes", kpiMinuteColumns({ version, plantVersion }), rows);
}

function minutes(machine: string, ...of: readonly number[]): RowBatch {
  return RowBatch.of(of.map((minute) => row(machine, minute)));
}

test("BL-6: each plant file is told with the first minute of its rows, in the order of digests", async () => {
  const machine = "versions/a/l/m";
  await write("plant-1", 1n, minutes(machine, 0, 1));
  await write("newer", 2n, minutes(machine, 1, 2));
  expect(await plantVersions(transport, { machines: [machine], period: HOUR })).toEqual([
    { version: "newer", from: START + MINUTE },
    { version: "plant-1", from: START },
  ]);
  const period = { from: START, to: START + MINUTE };
  expect(await plantVersions(transport, { machines: [machine], period })).toEqual([
    { version: "plant-1", from: START },
  ]);
});

test("DI-3: spans of a machine's rows by plant file follow one another, also where one came twice, a minute has two rows or none", async () => {
  const machine = "spans/a/l/m";
  const span = (version: string, from: number, to: number) => ({
    version,
    from: START + from * MINUTE,
    to: START + to * MINUTE,
  });
  expect(await plantSpans(transport, machine)).toEqual([]);
  await write("a", 1n, minutes(machine, 0, 1, 2, 5, 6));
  expect(await plantSpans(transport, machine)).toEqual([span("a", 0, 7)]);
  await write("b", 2n, minutes(machine, 1, 2, 7, 8));
  // Of a minute with rows of two products the row that was written last tells; the last minute's is taken back.
  await write("a", 3n, RowBatch.of([{ ...row(machine, 7), product: "x" }]));
  const gone = new RowBatch();
  gone.addEmpty(row(machine, 8), START + 8 * MINUTE);
  await write("c", 4n, gone);
  const mixed = [span("a", 0, 1), span("b", 1, 3), span("a", 5, 8)];
  expect(await plantSpans(transport, machine)).toEqual(mixed);
  // Before and after the minutes of which several files have rows.
  await write("d", 5n, minutes(machine, -3, -2));
  await write("e", 6n, minutes(machine, 10, 11));
  const all = [span("d", -3, -1), ...mixed, span("e", 10, 12)];
  expect(await plantSpans(transport, machine)).toEqual(all);
  // Merged, rows of which others took the place are not there any more.
  await transport.command("OPTIMIZE TABLE oee.kpi_minutes FINAL");
  expect(await plantSpans(transport, machine)).toEqual(all);
});
