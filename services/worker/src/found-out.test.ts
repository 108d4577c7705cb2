import { expect, test } from "vitest";
import { FoundOut } from "./found-out.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const T = Date.UTC(2026, 2, 2, 5);

test("TL-9: production judged otherwise after weeks is next expected to end in a pulse, and, judged otherwise again, computed in one step", () => {
  const foundOut = new FoundOut();
  foundOut.note({ at: T + 1, to: T + 30 * DAY });
  foundOut.note({ at: T + 40 * DAY, to: T + 80 * DAY });
  expect([[...foundOut.endInPulses], foundOut.atOnce]).toEqual([[T + 1, T + 40 * DAY], null]);
  foundOut.note({ at: T + 1, to: T + 30 * DAY });
  expect(foundOut.atOnce).toEqual({ from: T, to: T + 30 * DAY });
});

test("TL-9: production judged otherwise within two days is computed in one step", () => {
  const foundOut = new FoundOut();
  foundOut.note({ at: T + MINUTE + 1, to: T + 2 * DAY });
  expect([[...foundOut.endInPulses], foundOut.atOnce]).toEqual([[], { from: T + MINUTE, to: T + 2 * DAY }]);
});
