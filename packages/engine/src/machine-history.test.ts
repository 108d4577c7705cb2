import { type PlantEvent, TIME_COMPONENT_NAMES } from "@oee/model";
import { expect, test } from "vitest";
import { MachineHistory } from "./machine-history.ts";
import { EARLY, eventsOf, MINUTE, modelOf, SECOND, T } from "./one-machine.fixture.ts";

const MODEL = modelOf("idealCycleSeconds: 1, minorStopThreshold: 3m, calendar: early", EARLY);
const EVENTS = eventsOf(MODEL, [
  { at: 0, type: "state", state: "running" },
  { at: 0.5, type: "count", good: 20, scrap: 2 },
  { at: 1.25, type: "state", state: "down", reason: "jam" },
  { at: 6, type: "state", state: "running" },
]);

function evaluated(events: readonly PlantEvent[], cuts: "minutes" | readonly number[]) {
  const history = new MachineHistory(MODEL.plant, MODEL.machine);
  for (const event of events) history.accept(event);
  const to = T + 10 * MINUTE;
  return history.evaluate({ from: T, to, now: to, cuts });
}

test("CO-1, PE-1: the times of each minute row add up to a minute, and counts are in the minute of their instant", () => {
  const { rows } = evaluated(EVENTS, "minutes");
  expect(rows).toHaveLength(10);
  expect(rows.map((row) => TIME_COMPONENT_NAMES.reduce((sum, name) => sum + row[name], 0))).toEqual(
    Array.from({ length: 10 }, () => MINUTE),
  );
  expect(rows[0]).toMatchObject({ runTime: MINUTE, goodCount: 20, scrapCount: 2, idealTimeUs: 22_000_000 });
  expect(rows[1]).toMatchObject({
    runTime: 15 * SECOND,
    unplannedStopTime: 45 * SECOND,
    stopCount: 1,
    failureCount: 1,
  });
});

test("DI-1: events that come in another order give the same rows", () => {
  expect(evaluated(EVENTS.toReversed(), "minutes").rows).toEqual(evaluated(EVENTS, "minutes").rows);
});

test("P-1: a row of a whole period has the sums of its minutes, and its stops are listed uncut", () => {
  const { rows, stops } = evaluated(EVENTS, [T, T + 10 * MINUTE]);
  expect(rows).toMatchObject([{ runTime: 5.25 * MINUTE, unplannedStopTime: 4.75 * MINUTE, repairCount: 1 }]);
  expect(stops).toMatchObject([{ from: T + 1.25 * MINUTE, to: T + 6 * MINUTE, reason: "jam", minor: false }]);
});
