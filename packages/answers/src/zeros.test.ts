import { expect, test } from "vitest";
import { zeros } from "./zeros.ts";

test("zeros are as many as asked for, and a copy of them is written alone", () => {
  const all = zeros(3);
  const copy = all.slice();
  copy[1] = 0.25;
  expect(copy).toEqual([0, 0.25, 0]);
  expect(all).toEqual([0, 0, 0]);
});
