import { PLACE, RowBatch, WIDTH } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import { expect, test } from "vitest";
import { FILLER, liveRecord, MINUTE, machineOf, PLANT, START } from "../../test/gateway-fixture.ts";
import { fillGap, gapsOf, knownEndOf, merged, type Stored } from "./unrecorded-time.ts";

const PERIOD = { from: START, to: START + 10 * MINUTE };
const stored = (from: number, to: number, elapsedMs: number): Stored => ({
  covered: { from: START + from * MINUTE, to: START + to * MINUTE },
  elapsedMs,
});

test("time without rows lies before the first and after the last minute; where minutes inside lack time only the store knows", () => {
  expect(gapsOf(PERIOD, null)).toEqual([PERIOD]);
  expect(gapsOf(PERIOD, stored(0, 10, 10 * MINUTE))).toEqual([]);
  expect(gapsOf(PERIOD, stored(2, 8, 6 * MINUTE))).toEqual([
    { from: START, to: START + 2 * MINUTE },
    { from: START + 8 * MINUTE, to: PERIOD.to },
  ]);
  // The last minute has 15 s.
  expect(knownEndOf(stored(0, 8, 7.25 * MINUTE))).toBe(START + 7.25 * MINUTE);
  expect(gapsOf(PERIOD, stored(2, 8, 4 * MINUTE))).toBeNull();
});

test("gaps that meet are one", () => {
  const gap = (from: number, to: number) => ({ from, to });
  expect(merged([gap(1, 2), gap(2, 5), gap(6, 7)])).toEqual([gap(1, 5), gap(6, 7)]);
});

test("TL-4, CA-4: scheduled time of a machine without events is unknown; a fresh record's state goes on", async () => {
  const filler = machineOf(FILLER);
  const into = new RowBatch();
  // An hour before the shift and one in it.
  const gap = { from: START - 60 * MINUTE, to: START + 60 * MINUTE };
  const sum = (name: keyof typeof PLACE) =>
    Array.from({ length: into.length }, (_, row) => into.values[row * WIDTH + PLACE[name]] ?? 0).reduce(
      (a, b) => a + b,
      0,
    );
  await fillGap(PLANT.model, filler, gap, [START], null, false, new GiveWay(), into);
  expect([sum("unknownTime"), sum("notPlannedTime")]).toEqual([60 * MINUTE, 60 * MINUTE]);
  into.clear();
  const record = liveRecord(FILLER, START, { since: START, lastEventAt: START });
  await fillGap(PLANT.model, filler, PERIOD, [], record, false, new GiveWay(), into);
  expect(sum("runTime")).toBe(10 * MINUTE);
});
