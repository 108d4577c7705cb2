import { COMPONENT_NAMES } from "@oee/model";
import { expect, test } from "vitest";
import { columnOf, COMPONENT_COLUMNS } from "./component-columns.ts";

test("a time is named by its milliseconds, an ideal time by its microseconds, a count by itself", () => {
  expect(["runTime", "idealTimeUs", "goodCount"].map((name) => columnOf(name as "runTime"))).toEqual([
    "run_time_ms",
    "ideal_time_us",
    "good_count",
  ]);
  expect(new Set(COMPONENT_COLUMNS).size).toBe(COMPONENT_NAMES.length);
});
