import type { Correction } from "@oee/engine";
import { expect, test } from "vitest";
import { correctedTo } from "./machine-live.ts";

const NOW = 1_000;
let number = 0;
const correction = (from: number, to: number, more: Partial<Correction>): Correction => ({
  ...{ number: number++, from, to, state: null, reason: null, clear: false, by: null },
  ...more,
});
const down = { state: "down", reason: "jam" } as const;

test("TL-7: a state is given by a correction up to its end, or to where the next one begins or ends", () => {
  const to = (...corrections: readonly Correction[]): number | null => correctedTo(corrections, NOW);
  expect(to()).toBeNull();
  expect(to(correction(0, 5_000, down))).toBe(5_000);
  expect(to(correction(0, NOW, down))).toBeNull();
  expect(to(correction(NOW, 5_000, down))).toBeNull();
  expect(to(correction(0, 5_000, { reason: "jam" }))).toBeNull();
  expect(to(correction(0, 5_000, down), correction(500, 3_000, { reason: "belt" }))).toBe(5_000);
  expect(to(correction(0, 5_000, down), correction(500, 3_000, { clear: true }))).toBeNull();
  expect(to(correction(500, 3_000, { clear: true }), correction(0, 5_000, down))).toBe(3_000);
  expect(to(correction(0, 5_000, down), correction(2_000, 3_000, { clear: true }))).toBe(2_000);
});
