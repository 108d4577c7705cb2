import { expect, test } from "vitest";
import { ReadMemory } from "./read-memory.ts";

test("memory that was given back is used for the next batch that fits, and no piece is handed out twice", () => {
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
