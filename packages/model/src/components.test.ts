import { expect, test } from "vitest";
import {
  PLANNED_COMPONENT_NAMES,
  plannedTimeOf,
  PUBLIC_COMPONENT_NAMES,
  publicNameOf,
  type PublicComponents,
  QUANTITY_NAMES,
  TIME_COMPONENT_NAMES,
} from "./components.ts";

test("P-1: seven components make up elapsed time, the first five of them planned time", () => {
  expect(TIME_COMPONENT_NAMES.length).toBe(7);
  expect(PLANNED_COMPONENT_NAMES).toEqual(TIME_COMPONENT_NAMES.slice(0, 5));
  expect(QUANTITY_NAMES).toEqual(["goodCount", "scrapCount", "reworkCount"]);
});

test("ideal times are named without their unit where people read them, for they are in milliseconds there", () => {
  expect(["idealTimeUs", "runTime", "goodCount"].map((name) => publicNameOf(name as "runTime"))).toEqual([
    "idealTime",
    "runTime",
    "goodCount",
  ]);
});

test("planned time is all of scheduled time that was known: 400 + 10 + 60 + 20 + 10 of 600 min", () => {
  const minutes = { runTime: 400, minorStopTime: 10, unplannedStopTime: 60, setupTime: 20, plannedStopTime: 10 };
  const nothing = Object.fromEntries(PUBLIC_COMPONENT_NAMES.map((name) => [name, 0])) as PublicComponents;
  expect(plannedTimeOf({ ...nothing, ...minutes, notPlannedTime: 80, unknownTime: 20, failureTime: 50 })).toBe(500);
});
