import { readFileSync } from "node:fs";
import { formatProblem, parsePlant } from "@oee/model";
import { describe, expect, it } from "vitest";

const file = new URL("../plants/demo.yaml", import.meta.url);

describe("the demo plant", () => {
  const result = parsePlant(readFileSync(file, "utf8"), "demo.yaml");

  it("is a good plant file", () => {
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  });

  it("has sites in two time zones, lines enough to fill a wall, and few enough reasons to choose from", () => {
    if (!result.ok) return expect.unreachable();
    const { plant } = result;
    const scopes = [...plant.scopes.values()];
    const count = (kind: string): number => scopes.filter((scope) => scope.kind === kind).length;
    expect(new Set(scopes.filter(({ kind }) => kind === "site").map(({ timezone }) => timezone)).size).toBe(2);
    expect({ areas: count("area"), lines: count("line"), machines: plant.machines.length }).toEqual({
      areas: 3,
      lines: 6,
      machines: 24,
    });
    expect(plant.reasons.children.size).toBeLessThanOrEqual(8);
  });
});
