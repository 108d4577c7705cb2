import { expect, test } from "vitest";
import { damagedMemory } from "./disk-room.ts";

const refused = (text: string): Error => new Error(`Input/output error: Attempting to write page at position ${text}`);

test("an LMDB error whose text was written beyond the memory for it is recognized as damaged memory", () => {
  expect(damagedMemory(refused("462848, size 409600, blocks 2, buffer sizes 4096 4096 0"))).toBe(false);
  expect(damagedMemory(refused("1683456, size 405504, blocks 1, buffer sizes 405504 -1794651544 755500880"))).toBe(
    true,
  );
  expect(damagedMemory(new Error("MDB_MAP_FULL: Environment mapsize limit reached"))).toBe(false);
});
