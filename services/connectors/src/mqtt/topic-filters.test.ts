import { expect, test } from "vitest";
import { isFilter, TopicFilters, widest } from "./topic-filters.ts";

test("of filters those stay that no other has in it, also where each begins as the other", () => {
  expect(widest(["hall/+", "hall/#"])).toEqual(["hall/#"]);
  expect(widest(["+", "#"])).toEqual(["#"]);
  expect(widest(["hall/filler/count", "hall/+/count", "hall/filler/count", "office"])).toEqual([
    "hall/+/count",
    "office",
  ]);
  expect(widest(["+/filler", "hall/+"])).toEqual(["+/filler", "hall/+"]);
  expect(widest(["hall", "hall/#", "$SYS/#", "#"])).toEqual(["$SYS/#", "#"]);
});

test("a topic has what was added under each filter that it is one of, once", () => {
  const filters = new TopicFilters<string>();
  const all = ["#", "hall/#", "hall/+", "+/filler", "hall/filler", "hall/filler/+", "hall", "$SYS/+"];
  for (const filter of all) filters.add(filter, filter);
  expect(filters.of("hall/filler").toSorted()).toEqual(["#", "+/filler", "hall/#", "hall/+", "hall/filler"]);
  expect(filters.of("hall").toSorted()).toEqual(["#", "hall", "hall/#"]);
  expect(filters.of("$SYS/uptime")).toEqual(["$SYS/+"]);
  expect(filters.of("office")).toEqual(["#"]);
});

test.each([
  ["hall/+/count", true],
  ["hall/#", true],
  ["#", true],
  ["", false],
  ["hall/#/count", false],
  ["hall/fill+er", false],
  ["hall/filler#", false],
])("%j is a filter: %s", (text, is) => {
  expect(isFilter(text)).toBe(is);
});
