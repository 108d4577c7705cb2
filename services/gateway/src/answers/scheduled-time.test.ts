import { GiveWay } from "@oee/pacing";
import { expect, test } from "vitest";
import { FILLER, HOUR, machineOf, OVEN, START } from "../../test/gateway-fixture.ts";
import { scheduledMsOf } from "./scheduled-time.ts";

const DAY = 24 * HOUR;

test("CA-4: two shifts of eight hours less a break of half an hour, on five days of the week", async () => {
  const filler = machineOf(FILLER);
  // From Monday 06:00 in Berlin.
  expect(await scheduledMsOf(filler, START, START + DAY, new GiveWay())).toBe(15.5 * HOUR);
  expect(await scheduledMsOf(filler, START, START + 7 * DAY, new GiveWay())).toBe(5 * 15.5 * HOUR);
});

test("pieces of a long span add up to it, also across its 64-day borders, and when they are asked for again", async () => {
  const filler = machineOf(FILLER);
  // From Monday on 40 weeks, without an exception of the calendar; clocks change at night.
  const whole = 40 * 5 * 15.5 * HOUR;
  for (let again = 0; again < 2; again++) {
    expect(await scheduledMsOf(filler, START, START + 280 * DAY - HOUR, new GiveWay())).toBe(whole);
  }
});

test("a machine without a calendar is scheduled always", async () => {
  expect(await scheduledMsOf(machineOf(OVEN), START, START + DAY, new GiveWay())).toBe(DAY);
});
