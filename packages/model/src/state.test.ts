import { expect, test } from "vitest";
import { normalizeStateName, ownStateOf, STATE_NAMES, STATES } from "./state.ts";

test("TL-5: state names compare without regard to case, with space, `_` and `-` alike", () => {
  expect(["No-Demand", "NO_DEMAND", "no demand"].map(ownStateOf)).toEqual(["no-demand", "no-demand", "no-demand"]);
  expect(normalizeStateName("Tool Change_2")).toBe("tool-change-2");
  expect(ownStateOf("stopped")).toBeUndefined();
});

test("TL-5: of the states of the product `down` alone is a failure", () => {
  expect(STATE_NAMES.filter((name) => STATES[name].failure)).toEqual(["down"]);
  expect(STATE_NAMES.filter((name) => STATES[name].category === "unplannedStop")).toEqual([
    "idle",
    "starved",
    "blocked",
    "down",
  ]);
});
