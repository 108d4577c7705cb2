import type { JobEvent } from "@oee/model";
import { expect, test } from "vitest";
import { EARLY, MINUTE, modelOf, T } from "./one-machine.fixture.ts";
import type { Segment } from "./segments.ts";
import { listStop, startOfStop, stopId, stopsOf, stopUntil } from "./stops.ts";

const MODEL = modelOf("idealCycleSeconds: 1, minorStopThreshold: 3m, calendar: early", EARLY);
const NO_JOBS: readonly JobEvent[] = [];

function segment(from: number, to: number, state: Segment["state"], reason: string | null = null): Segment {
  return { from: T + from * MINUTE, to: T + to * MINUTE, state, reason, correction: null };
}

test("ST-1: contiguous unplanned segments are one stop", () => {
  const segments = [segment(0, 5, "running"), segment(5, 6, "idle"), segment(6, 9, "down"), segment(9, 10, "running")];
  const stops = stopsOf(MODEL, segments, null, T + 10 * MINUTE);
  expect(stops).toMatchObject([{ lengthMs: 4 * MINUTE, unplanned: true, open: false }]);
  const [stop] = stops;
  if (stop === undefined) return expect.unreachable();
  expect(listStop(MODEL, stop, NO_JOBS)).toMatchObject([
    { state: "idle", minor: false, failure: false, shift: "early", shiftDate: "2026-03-02" },
    { state: "down", minor: false, failure: true },
  ]);
});

test("ST-2: a stop shorter than the threshold is minor; its length is scheduled time, without breaks", () => {
  const [minor] = stopsOf(MODEL, [segment(0, 2, "idle"), segment(2, 9, "running")], null, T + 9 * MINUTE);
  expect(minor).toMatchObject({ unplanned: false, lengthMs: 2 * MINUTE });
  // The stop lasts from 09:58 to 10:31 in Berlin, over the break from 10:00 to 10:30.
  const [overBreak] = stopsOf(MODEL, [segment(238, 271, "down")], null, T + 300 * MINUTE);
  expect(overBreak).toMatchObject({ lengthMs: 3 * MINUTE, unplanned: true });
});

test("ST-1: an open stop goes on where the segments after it begin with a stop", () => {
  const [earlier] = stopsOf(MODEL, [segment(0, 2, "down")], null, T + 2 * MINUTE);
  expect(earlier).toMatchObject({ open: true, unplanned: false });
  if (earlier === undefined) return expect.unreachable();
  const cut = stopUntil(earlier, T + MINUTE);
  const stops = stopsOf(MODEL, [segment(1, 5, "down"), segment(5, 6, "running")], cut, T + 6 * MINUTE);
  expect(stops).toMatchObject([{ from: T, to: T + 5 * MINUTE, unplanned: true, open: false }]);
});

test("the id of a stop tells when it began, also where its first segments are not at hand", () => {
  const machine = "berlin/packing/l1/filler";
  expect(startOfStop({ machine, stop: stopId(machine, T), from: T + 5 * MINUTE })).toBe(T);
});
