import { expect, test } from "vitest";
import { formatProblem, Problems, PROBLEMS_MAX } from "./problem.ts";

test("a problem has line and column of its offset, counted from 1, and problems come in the order of the text", () => {
  const problems = new Problems("plant.yaml", "a: 1\nbc: 2\n");
  problems.add({ offset: 9, path: "bc" }, "2", "a text");
  problems.add({ offset: 0, path: "" }, "a", "no a");
  expect(problems.inOrder().map(formatProblem)).toEqual([
    "plant.yaml:1:1: found a, expected no a",
    "plant.yaml:2:5: bc: found 2, expected a text",
  ]);
  expect(problems.lineOf({ offset: 5, path: "" })).toBe(2);
});

test("the same said of the same place is kept once; beyond the bound the rest is counted", () => {
  const problems = new Problems("plant.yaml", "");
  expect(problems.none).toBe(true);
  for (let i = 0; i < PROBLEMS_MAX; i++) problems.add({ offset: 0, path: `p${i}` }, "x", "y");
  problems.add({ offset: 0, path: "q" }, "x", "y");
  problems.add({ offset: 0, path: "r" }, "x", "y");
  expect([problems.inOrder().length, problems.more, problems.none]).toEqual([PROBLEMS_MAX, 2, false]);

  const twice = new Problems("plant.yaml", "");
  for (let i = 0; i < 2; i++) twice.add({ offset: 0, path: "p" }, "x", "y");
  expect(twice.inOrder().length).toBe(1);
});
