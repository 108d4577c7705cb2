import type { StopSegment } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import { expect, test } from "vitest";
import { FILLER, MINUTE, PLANT, START } from "../../test/gateway-fixture.ts";
import { knownAt } from "./known-stops.ts";

function segment(from: number, minutes: number, more: Partial<StopSegment> = {}): StopSegment {
  return {
    ...{ machine: FILLER, stop: `${FILLER}@2026-03-02T05:00:00.000Z`, state: "down", reason: null },
    ...{ from: START + from * MINUTE, to: START + (from + minutes) * MINUTE },
    ...{ duration: minutes * MINUTE, scheduledDuration: minutes * MINUTE, category: "unplannedStop", failure: true },
    ...{ minor: false, open: false, shift: null, shiftDate: null, crew: null, product: null, correctedBy: null },
    ...more,
  };
}

test("a segment that goes on ends at the instant of the answer; one that began later is left out", async () => {
  const now = START + 10 * MINUTE;
  const known = await knownAt(PLANT.model, [segment(0, 20), segment(11, 5)], now, () => null, new GiveWay());
  expect(known.map(({ segment: { to, duration, open }, stopMs }) => [to, duration, open, stopMs])).toEqual([
    [now, 10 * MINUTE, true, 10 * MINUTE],
  ]);
});

test("ST-2: the whole stop decides whether it is minor: two segments of two minutes are none, one that is cut is one so far", async () => {
  const both = [segment(0, 2), segment(2, 2, { state: "idle" })];
  const late = await knownAt(PLANT.model, both, START + 60 * MINUTE, () => null, new GiveWay());
  expect(late.map(({ segment: { minor }, stopMs }) => [minor, stopMs])).toEqual([
    [false, 4 * MINUTE],
    [false, 4 * MINUTE],
  ]);
  // After a minute the threshold of 3 m is not reached.
  const early = await knownAt(PLANT.model, both, START + MINUTE, () => null, new GiveWay());
  expect(early.map(({ segment: { minor }, stopMs }) => [minor, stopMs])).toEqual([[true, MINUTE]]);
});
