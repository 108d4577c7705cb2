import { expect, test } from "vitest";
import { atOnce, type Steps } from "./steps.ts";

function* sumOf(values: readonly number[], done: number[]): Steps<number> {
  let sum = 0;
  for (const value of values) {
    sum += value;
    done.push(value);
    yield;
  }
  return sum;
}

test("steps are done when they are asked for, one at a time, or all at once", () => {
  const done: number[] = [];
  const steps = sumOf([1, 2, 3], done);
  expect(done).toEqual([]);
  steps.next();
  expect(done).toEqual([1]);
  expect(atOnce(steps)).toBe(6);
  expect(done).toEqual([1, 2, 3]);
});
