import type { LiveRecord } from "@oee/protocol";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { liveRecord, MINUTE, openTestStore, OVEN, PLANT } from "../../test/gateway-fixture.ts";
import { minutes, OVEN_END, OVEN_MACHINE, sourcesOf, storeOven } from "../../test/oven.ts";
import { type Cells, cellsOfPeriods } from "./cell-sums.ts";

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeOven(store);
});
afterAll(() => closeStore());

/** Minutes of running, of unplanned stops and of unknown time, by product. */
function shown(cells: Cells | undefined): readonly unknown[] {
  return [...(cells ?? [])].map(([product, sums]) => [
    product,
    ...(["runTime", "unplannedStopTime", "unknownTime"] as const).map((name) => sums.of(name) / MINUTE),
  ]);
}

async function cellsOf(
  periods: readonly ReturnType<typeof minutes>[],
  now: number,
  record: LiveRecord | null = null,
): Promise<readonly unknown[]> {
  const sources = { ...sourcesOf(store), recordOf: () => record };
  const all = await cellsOfPeriods(sources, PLANT.model, [OVEN_MACHINE], periods, now);
  return all.get(OVEN_MACHINE)?.map(shown) ?? [];
}

test("P-1: periods that overlap, in any order, have each its own sums by product; time before the first row is unknown", async () => {
  const asked = [minutes(60, 180), minutes(-60, 60), minutes(30, 120), minutes(120, 180)];
  expect(await cellsOf(asked, OVEN_END)).toEqual([
    [
      [null, 30, 30, 0],
      ["cola", 60, 0, 0],
    ],
    [[null, 60, 0, 60]],
    [[null, 60, 30, 0]],
    [["cola", 60, 0, 0]],
  ]);
});

test("the minute up to now that is not stored yet is as the live record says, and unknown without one", async () => {
  const now = OVEN_END + MINUTE;
  // From minute 179 on: without stored rows in it, a stretch is no delay of theirs.
  const asked = [minutes(179, 181)];
  expect(await cellsOf(asked, now)).toEqual([
    [
      [null, 0, 0, 1],
      ["cola", 1, 0, 0],
    ],
  ]);
  const record = liveRecord(OVEN, now, { product: "cola", lastEventAt: OVEN_END });
  expect(await cellsOf(asked, now, record)).toEqual([[["cola", 2, 0, 0]]]);
});
