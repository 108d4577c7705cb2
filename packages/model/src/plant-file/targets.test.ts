import { expect, test } from "vitest";
import { readOf } from "./one-value.fixture.ts";
import { readTargets } from "./targets.ts";

test("targets are ratios from 0 to 1 of KPIs that may have one", () => {
  expect(readOf("{ oee: 0.75, availability: 1 }", readTargets)).toEqual({
    read: { oee: 0.75, availability: 1 },
    said: [],
  });
});

test("a target in percent, and one of a name that is no KPI, are told", () => {
  const { read, said } = readOf("{ oee: 75, ooe: 0.5 }", readTargets);
  expect(read).toEqual({});
  expect(said[0]).toBe("1:8 oee: found the number 75, expected a ratio from 0 to 1, such as 0.75");
  expect(said[1]).toMatch(/^1:12 ooe: found the unknown key "ooe", expected "oee", the nearest of /);
});
