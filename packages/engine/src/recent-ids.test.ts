import { expect, test } from "vitest";
import { RecentIds, REMEMBERED_IDS } from "./recent-ids.ts";

test("CN-4: an id is new once, until 256 others came", () => {
  const ids = new RecentIds();
  expect([ids.accept("a"), ids.accept("a")]).toEqual([true, false]);
  for (let i = 0; i < REMEMBERED_IDS - 1; i++) ids.accept(`${i}`);
  expect(ids.accept("a")).toBe(false);
  ids.accept("one more");
  expect(ids.accept("a")).toBe(true);
});

test("CN-4: a restored memory knows the same ids, and forgets them in the same order", () => {
  const ids = new RecentIds();
  for (let i = 0; i < REMEMBERED_IDS + 10; i++) ids.accept(`${i}`);
  const restored = RecentIds.restore(ids.snapshot());
  expect(restored.accept("10")).toBe(false);
  restored.accept("another");
  expect([restored.accept("11"), restored.accept("10")]).toEqual([false, true]);
});
