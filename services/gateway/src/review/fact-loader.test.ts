import type { Facts } from "@oee/review";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MINUTE, openTestStore, PLANT, START } from "../../test/gateway-fixture.ts";
import { minutes, OVEN_END, OVEN_MACHINE, sourcesOf, storeOven } from "../../test/oven.ts";
import { answerFrom } from "./fact-loader.ts";

let store: Store;
let closeStore: () => Promise<void>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeOven(store);
});
afterAll(() => closeStore());

const ask = <T>(rules: (facts: Facts) => T): Promise<T> => answerFrom(sourcesOf(store), PLANT.model, OVEN_END, rules);

test("PA-1: a stop across a period's end is cut there, and counted in the period in which it began", async () => {
  const totals = await ask((facts) =>
    [minutes(0, 75), minutes(75, 180), minutes(90, 180)].map((period) =>
      facts.stopTotalsOf(OVEN_MACHINE, period).map(({ state, scheduledMs, count }) => [state, scheduledMs, count]),
    ),
  );
  expect(totals).toEqual([[["down", 15 * MINUTE, 1]], [["down", 15 * MINUTE, 0]], []]);
});

test("AL-1: a silence ends with the next event, also one after the period; the last has none yet", async () => {
  const silences = await ask((facts) =>
    [minutes(0, 10), minutes(0, 180)].map((period) => facts.silencesOf(OVEN_MACHINE, period, 50 * MINUTE)),
  );
  const first = { at: START, next: START + 60 * MINUTE };
  expect(silences).toEqual([[first], [first, { at: START + 120 * MINUTE, next: null }]]);
});

test("rules are called again until no fact is lacking; what they throw before does not count, and after does", async () => {
  let calls = 0;
  const running = await ask((facts) => {
    calls++;
    const sums = facts.cellsOf(OVEN_MACHINE, minutes(0, 60)).get(null);
    if (sums === undefined) throw new Error("nothing is stored of the oven");
    // Asked only when the first is known.
    return sums.of("runTime") + (facts.cellsOf(OVEN_MACHINE, minutes(60, 120)).get(null)?.of("runTime") ?? 0);
  });
  expect([running, calls]).toEqual([90 * MINUTE, 3]);
  const wrong = ask((facts) => {
    if (facts.stopTotalsOf(OVEN_MACHINE, minutes(0, 180)).length === 1) throw new Error("one stop is too many");
  });
  await expect(wrong).rejects.toThrow("one stop is too many");
});
