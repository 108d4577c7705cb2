import { expect, test } from "vitest";
import { restAfter } from "./rest.ts";

test("background work uses a tenth of the time: it pauses 9 ms for each ms of work, at most 5 s", () => {
  expect([0, 1, 100, 555, 556, 60_000].map(restAfter)).toEqual([0, 9, 900, 4_995, 5_000, 5_000]);
});
