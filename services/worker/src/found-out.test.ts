import { expect, test } from "vitest";
import { FoundOut } from "./found-out.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const T = Date.UTC(2026, 2, 2, 5);

test("TL-9: a part that turns out otherwise after weeks is believed to end in a pulse, and takes one step where that was no help", () => {
  const foundOut = new FoundOut();
  foundOut.note({ at: T + 1, to: T + 30 * DAY });
  foundOut.note({ at: T + 40 * DAY, to: T + 80 * DAY });
  expect([[...foundOut.endInPulses], foundOut.atOnce]).toEqual([[T + 1, T + 40 * DAY], null]);
  foundOut.note({ at: T + 1, to: T + 30 * DAY });
  expect(foundOut.atOnce).toEqual({ from: T, to: T + 30 * DAY });
});

test("TL-9: what turns out otherwise within two days takes one step", () => {
  const foundOut = new FoundOut();
  foundOut.note({ at: T + MINUTE + 1, to: T + 2 * DAY });
  expect([[...foundOut.endInPulses], foundOut.atOnce]).toEqual([[], { from: T + MINUTE, to: T + 2 * DAY }]);
});
