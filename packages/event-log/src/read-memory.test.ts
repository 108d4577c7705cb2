import { expect, test } from "vitest";
import { ReadMemory } from "./read-memory.ts";

test("memory that was given back is handed out for the next batch that fits into it; memory in use is not handed out again", () => {
  const memory = new ReadMemory();
  const [one, two] = [memory.take(1000), memory.take(1000)];
  expect(one).not.toBe(two);
  memory.give(one);
  expect(memory.take(900)).toBe(one);
  const three = memory.take(900);
  expect(three).not.toBe(one);
  memory.give(three);
  expect(memory.take(5000).bytes.length).toBeGreaterThanOrEqual(5000);
});
