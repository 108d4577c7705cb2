import { expect, test } from "vitest";
import { maxPastOf } from "./max-past.ts";

test("DI-2: how far back events may lie is a duration above 0", () => {
  expect(maxPastOf("3650d")).toBe(3_650 * 86_400_000);
  expect(maxPastOf("90000ms")).toBe(90_000);
  for (const text of ["", "0s", "-1d", "once"]) expect(maxPastOf(text)).toBeNull();
});
