import { expect, test } from "vitest";
import { COMPONENT_NAMES } from "./components.ts";
import { FIRST_LAYOUT, layoutOf, ROW_LAYOUT } from "./layout.ts";

test("a component more, one less, another name and another order are other layouts", () => {
  const [first = "", second = "", ...others] = COMPONENT_NAMES;
  const layouts = [
    [first, second, ...others],
    [first, second, ...others, "waitingTime"],
    [first, ...others],
    [`${first}Ms`, second, ...others],
    [second, first, ...others],
  ].map(layoutOf);
  expect(new Set(layouts).size).toBe(layouts.length);
  expect(layouts[0]).toBe(ROW_LAYOUT);
  for (const layout of layouts) expect(layout).toMatch(/^[0-9a-f]{16}$/);
});

test("live records without a digest are of release 0.1.0, which had these components in this order", () => {
  const names = `runTime minorStopTime unplannedStopTime setupTime plannedStopTime notPlannedTime unknownTime failureTime
    goodCount scrapCount reworkCount idealTimeUs idealGoodTimeUs startupLossTimeUs failureCount repairCount repairTime stopCount
    minorStopCount`;
  expect(layoutOf(names.split(/\s+/))).toBe(FIRST_LAYOUT);
});
