import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ServerClock } from "./server-clock.ts";

test("W-4: before the first message there is no time", () => {
  expect(new ServerClock().read(5)).toBeNull();
});

test("W-4: never ahead of the server, and behind by no more than the quickest message of the last minute", () => {
  const delays = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 55 });
  fc.assert(
    fc.property(delays, fc.integer({ min: 0, max: 2 ** 41 }), (latencies, serverStart) => {
      const clock = new ServerClock();
      let mono = 0;
      for (const latency of latencies) {
        mono += 1_000;
        clock.observe(serverStart + mono - latency, mono);
      }
      expect(clock.read(mono)).toBe(serverStart + mono - Math.min(...latencies));
    }),
  );
});

test("W-4: follows a server whose clock is set back within two minutes, and one set forward at once", () => {
  const clock = new ServerClock();
  clock.observe(1_000_000, 0);
  clock.observe(2_001_000, 1_000);
  expect(clock.read(1_000)).toBe(2_001_000);
  for (let mono = 2_000; mono <= 125_000; mono += 1_000) clock.observe(500_000 + mono, mono);
  expect(clock.read(125_000)).toBe(625_000);
});
