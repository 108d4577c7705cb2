import { expect, test } from "vitest";
import type { Doubt } from "./counters.ts";
import { doubtsWithin, isJudgedFrom } from "./doubted-totals.ts";

const SPIKE: Doubt = { at: 10, quantity: 0, settledAt: 20, isTrue: false };
const REPLACED: Doubt = { at: 30, quantity: 3, settledAt: 40, isTrue: true };
const OPEN: Doubt = { at: 50, quantity: 3, settledAt: Infinity, isTrue: false };

test("CN-8: each doubted total within a period gives a record, unless a later total showed it to be true", () => {
  expect(doubtsWithin("m", [SPIKE, REPLACED, OPEN], 10, 50)).toEqual([
    { machine: "m", at: 10, quantity: "good", doubted: true },
  ]);
  expect(doubtsWithin("m", [SPIKE, REPLACED, OPEN], 11, 51)).toEqual([
    { machine: "m", at: 50, quantity: "produced", doubted: true },
  ]);
});

test("DI-1: events from an instant on do not judge a doubt that was settled before it", () => {
  expect([SPIKE, REPLACED, OPEN].map((doubt) => isJudgedFrom(doubt, 21))).toEqual([false, true, true]);
});
