import { Turnstile } from "@oee/pacing";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { eventAt, HOUR, openTestStore, OVEN, PLANT, PRESS, START, storeHistory } from "../../test/gateway-fixture.ts";
import { DaySums } from "./day-sums.ts";

test("machines whose days begin at one instant are summed together, one group a call, until no day that is over lacks its sum", async () => {
  const { store, close } = await openTestStore({ daySums: { restS: 0, paced: false } });
  onTestFinished(close);
  const running = (machine: string, hours: number): object =>
    eventAt(machine, hours * 60, { type: "state", state: "running" });
  const now = START + 30 * HOUR;
  await storeHistory(store, [running(PRESS, 0), running(PRESS, 29), running(OVEN, 0), running(OVEN, 29)], now, 1n);
  const options = { store, plant: () => PLANT, clock: () => now, logger: pino({ level: "silent" }) };
  const sums = new DaySums(options, new Turnstile(1, 10, () => new Error("too many wait")));
  // Of 500 days back 499 are whole and over, of four machines in Berlin, and of one in Recife.
  expect([await sums.sumSome(), await sums.sumSome(), await sums.sumSome()]).toEqual([4 * 499, 499, 0]);
  // Rows that come later make days lack their sums again: writes are counted by UTC date, which lies in two days of Recife.
  await storeHistory(store, [running(OVEN, 1), running(OVEN, 2)], START + 3 * HOUR, 2n);
  expect([await sums.sumSome(), await sums.sumSome()]).toEqual([2, 0]);
});
