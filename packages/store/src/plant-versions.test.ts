import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, row, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("BL-6: each plant file is told with the first minute of its rows, in the order of digests", async () => {
  const { store } = open;
  const machine = "versions/a/l/m";
  await store.insertRows([row(machine, 0), row(machine, 1)], stamp(1));
  await store.insertRows([row(machine, 1), row(machine, 2)], { version: 2n, plantVersion: "newer" });
  expect(await store.plantVersions({ machines: [machine], period: HOUR })).toEqual([
    { version: "newer", from: START + MINUTE },
    { version: "plant-1", from: START },
  ]);
  expect(await store.plantVersions({ machines: [machine], period: { from: START, to: START + MINUTE } })).toEqual([
    { version: "plant-1", from: START },
  ]);
});

test("DI-3: spans of a machine's rows by plant file follow one another, also where one came twice, a minute has two rows or none", async () => {
  const { store } = open;
  const machine = "spans/a/l/m";
  expect(await store.plantSpans(machine)).toEqual([]);
  const of = (plantVersion: string, version: bigint) => ({ version, plantVersion });
  await store.insertRows(
    [0, 1, 2, 5, 6].map((minute) => row(machine, minute)),
    of("a", 1n),
  );
  await store.insertRows(
    [1, 2, 7, 8].map((minute) => row(machine, minute)),
    of("b", 2n),
  );
  // Of a minute with rows of two products the row that was written last tells.
  await store.insertRows([{ ...row(machine, 7), product: "x" }], of("a", 3n));
  await store.retractRows({ machine, from: START + 8 * MINUTE, to: START + 9 * MINUTE }, of("c", 4n));
  const span = (version: string, from: number, to: number) => ({
    version,
    from: START + from * MINUTE,
    to: START + to * MINUTE,
  });
  expect(await store.plantSpans(machine)).toEqual([span("a", 0, 1), span("b", 1, 3), span("a", 5, 8)]);
});
