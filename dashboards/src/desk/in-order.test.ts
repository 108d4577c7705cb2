import { expect, test } from "vitest";
import { inOrder } from "./in-order.ts";

test("what is known comes in its order, the rest as it came", () => {
  const found = inOrder(["mttr", "x", "availability", "w", "oee"], ["oee", "availability", "mttr"], (name) => name);
  expect(found).toEqual(["oee", "availability", "mttr", "x", "w"]);
});
