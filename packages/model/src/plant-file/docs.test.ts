import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parsePlant } from "./parse-plant.ts";
import { formatProblem } from "./problem.ts";
import { ONE_MACHINE } from "../../../../tests/support/plant.ts";

const reference = readFileSync(new URL("../../../../docs/plant-file.md", import.meta.url), "utf8");
const examples = [...reference.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1] ?? "");

const PLANT = ONE_MACHINE;

describe("docs/plant-file.md", () => {
  it.each(examples)("has the example %j, which is a valid plant file", (example) => {
    const result = parsePlant(example.includes("enterprise:") ? example : PLANT + example, "plant.yaml");
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  });
});
