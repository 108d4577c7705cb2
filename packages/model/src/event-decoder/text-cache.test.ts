import { expect, test } from "vitest";
import { TextCache } from "./text-cache.ts";

test("a text is told from another though the memory that it was read from was used again", () => {
  const cache = new TextCache((text) => text);
  const memory = Buffer.from("idle");
  expect(cache.get(memory, 0, 4, 1)).toBe("idle");
  memory.write("down");
  expect(cache.get(memory, 0, 4, 1)).toBe("down");
});
