import { expect, test } from "vitest";
import { TextCache } from "./text-cache.ts";

test("a cached text is not taken for another one that was written over it in the same memory", () => {
  const cache = new TextCache((text) => text);
  const memory = Buffer.from("idle");
  expect(cache.get(memory, 0, 4, 1)).toBe("idle");
  memory.write("down");
  expect(cache.get(memory, 0, 4, 1)).toBe("down");
});
