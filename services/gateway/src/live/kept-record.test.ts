import type { LiveRecord } from "@oee/protocol";
import { expect, test } from "vitest";
import { FILLER, liveRecord, START } from "../../test/gateway-fixture.ts";
import { copyOf, keepOver, keptOf } from "./kept-record.ts";

const windowOf = (seed: number) => ({
  name: `${seed}h`,
  from: START - seed,
  to: START + seed,
  components: [seed, seed / 2, 2 ** 40 + seed],
  plannedByTakt: [[seed, 3 * seed]] as [number, number][],
});

/** A record of which everything that it says follows from a number. */
function recordOf(seed: number): Required<LiveRecord> {
  const [text, flag] = [`${seed}`, seed % 2 === 0];
  return {
    ...{ kind: "machine", machine: text, now: START + seed, nextWithinMs: seed, plantVersion: text, layout: text },
    ...{
      decimals: seed,
      state: text,
      category: flag ? "production" : "setup",
      failure: flag,
      minor: flag,
      reason: text,
    },
    ...{ since: seed, lastEventAt: seed + 0.5, part: { from: seed, byPulse: flag, cycleMs: seed }, product: text },
    ...{ order: text, idealCycleUs: seed, taktUs: seed, scheduled: flag, corrections: [text], recomputing: flag },
    ...{ correctedTo: seed, doubts: seed, latency: { eventAt: seed, loggedAt: seed + 1, computedAt: seed + 2 } },
    ...{ windows: [windowOf(seed), windowOf(seed + 1)], fineWindows: [windowOf(seed + 2)] },
  };
}

test("a record that is written over another says what it says itself, and nothing of what was before", () => {
  const kept = keptOf(recordOf(1));
  expect(kept).toEqual(recordOf(1));
  const windows = [
    [],
    [windowOf(9)],
    [windowOf(3), windowOf(4), windowOf(5)],
    [{ ...windowOf(6), components: [1], plannedByTakt: [] }],
    [
      {
        ...windowOf(7),
        components: [1, 2, 3, 4],
        plannedByTakt: [
          [1, 2],
          [3, 4],
        ] as [number, number][],
      },
    ],
  ]; // prettier-ignore
  for (const [i, these] of windows.entries()) {
    const record = { ...recordOf(i + 2), windows: these, fineWindows: these.toReversed() };
    const as = structuredClone(record);
    expect(keepOver(kept, record)).toBe(true);
    expect(kept).toEqual(as);
    // What is written over it later changes neither the record nor a copy.
    const copy = copyOf(kept);
    expect(keepOver(kept, recordOf(50))).toBe(true);
    expect([record, copy]).toEqual([as, as]);
  }
});

test("a record that lacks something which the kept one says, or says more, is not written over it", () => {
  const whole = recordOf(1);
  for (const name of ["layout", "decimals", "part", "doubts", "fineWindows"] as const) {
    const { [name]: _lacking, ...lacks } = recordOf(2);
    for (const [kept, record] of [
      [whole, lacks],
      [lacks, whole],
    ] as const) {
      const copy = keptOf(kept);
      expect(keepOver(copy, record)).toBe(false);
      expect(copy).toEqual(kept);
    }
  } // prettier-ignore
  const without = liveRecord(FILLER, START);
  expect(keepOver(keptOf(without), liveRecord(FILLER, START + 1))).toBe(true);
});
