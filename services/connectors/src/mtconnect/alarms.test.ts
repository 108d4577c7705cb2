import { expect, test } from "vitest";
import type { AgentObservation } from "./agent-document.ts";
import { Alarms } from "./alarms.ts";

const told = (value: string, alarm: string): AgentObservation => ({
  ...{ device: null, element: value, dataItemId: "servo", name: null, timestamp: "2026-03-02T05:00:00Z", sequence: 1 },
  ...{ value, alarm },
});

test("the level of a condition is the worst of its active alarms; what is normal without a name, or unavailable, ends all", () => {
  const alarms = new Alarms({});
  const levels = [
    told("Warning", "4"),
    told("Fault", "17"),
    told("Normal", "9"),
    told("Normal", "17"),
    told("Fault", "4"),
    told("Normal", ""),
    told("Fault", "17"),
    told("Unavailable", ""),
    told("Normal", "17"),
  ].map((observation) => alarms.levelAfter(observation));
  const [warning, fault, normal] = ["Warning", "Fault", "Normal"];
  expect(levels).toEqual([warning, fault, fault, warning, fault, normal, fault, "Unavailable", normal]);
  expect(alarms.active).toEqual({});
});

test("active alarms go on with another reader of them", () => {
  const before = new Alarms({});
  before.levelAfter(told("Fault", "17"));
  before.levelAfter(told("Warning", "4"));
  expect(new Alarms(before.active).levelAfter(told("Normal", "17"))).toBe("Warning");
});
