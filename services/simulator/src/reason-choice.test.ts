import { resolveReason, STATE_NAMES, STATES } from "@oee/model";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fittingReasons, ReasonChoice } from "./reason-choice.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const plant = plantFrom(readFileSync(new URL("../plants/two-halls.yaml", import.meta.url), "utf8"));

describe("reason choice", () => {
  it("TL-6: no reason that is picked gives a stop another state than its own", () => {
    const wrong = [...fittingReasons(plant)].flatMap(([state, paths]) =>
      paths.filter((path) => {
        const { category, failure } = resolveReason(plant.reasons, path);
        return (
          (category ?? STATES[state].category) !== STATES[state].category ||
          (failure ?? STATES[state].failure) !== STATES[state].failure
        );
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("uses every leaf, and gives each machine favourites of its own", () => {
    const fitting = fittingReasons(plant);
    expect([...fitting.values()].flat()).toHaveLength(15);
    const favouriteOf = (machine: string): string | undefined => {
      const choice = new ReasonChoice(1, machine, fitting);
      const times = new Map<string, number>();
      for (let i = 0; i < 500; i++) {
        const reason = choice.pick("down") ?? "";
        times.set(reason, (times.get(reason) ?? 0) + 1);
      }
      return [...times].toSorted((a, b) => b[1] - a[1])[0]?.[0];
    };
    expect(new Set(["a", "b", "c", "d", "e", "f"].map(favouriteOf)).size).toBeGreaterThan(1);
  });

  it("picks no reason for states that take none, nor in a plant without reasons", () => {
    const bare = new ReasonChoice(1, "m", new Map());
    expect(STATE_NAMES.map((state) => bare.pick(state)).every((reason) => reason === null)).toBe(true);
    expect(new ReasonChoice(1, "m", fittingReasons(plant)).pick("starved")).toBeNull();
  });
});
