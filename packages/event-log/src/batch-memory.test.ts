import { expect, test } from "vitest";
import { BatchMemory } from "./batch-memory.ts";

test("memory that was given back is handed out for the next batch that fits into it; memory in use is not handed out again", () => {
  const memory = new BatchMemory(2);
  const [one, two] = [memory.take(1000), memory.take(1000)];
  expect(one).not.toBe(two);
  memory.give(one);
  expect(memory.take(900)).toBe(one);
  const three = memory.take(900);
  expect(three).not.toBe(one);
  memory.give(three);
  expect(memory.take(5000).bytes.length).toBeGreaterThanOrEqual(5000);
});

test("no more pieces are kept than are asked for", () => {
  const memory = new BatchMemory(1);
  const [one, two] = [memory.take(1000), memory.take(1000)];
  memory.give(one);
  memory.give(two);
  expect(memory.take(1000)).toBe(one);
  expect(memory.take(1000)).not.toBe(two);
});
