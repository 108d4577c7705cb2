import { expect, test } from "vitest";
import { modelOf } from "./one-machine.fixture.ts";

const REASONS = `reasons: { jam: { failure: true }, lunch: { category: notPlanned } }
`;
const { classifier } = modelOf("idealCycleSeconds: 1", REASONS);

test("TL-5: a state without a reason has its own category", () => {
  expect(classifier.classOf("running", null)).toEqual({ category: "production", failure: false });
  expect(classifier.classOf("down", null)).toEqual({ category: "unplannedStop", failure: true });
  expect(classifier.classOf("idle", null)).toEqual({ category: "unplannedStop", failure: false });
});

test("TL-6: a reason sets the category of a stop and whether it is a failure; production and unknown time keep theirs", () => {
  expect(classifier.classOf("idle", "jam")).toEqual({ category: "unplannedStop", failure: true });
  expect(classifier.classOf("idle", "lunch")).toEqual({ category: "notPlanned", failure: false });
  expect(classifier.classOf("running", "lunch").category).toBe("production");
  expect(classifier.classOf("unknown", "lunch").category).toBe("unknown");
  expect(classifier.takesReason("running")).toBe(false);
  expect(classifier.takesReason("down")).toBe(true);
});
