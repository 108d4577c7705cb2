import { doubtsWithin, MachineHistory } from "@oee/engine";
import type { DoubtedTotal, PlantEvent } from "@oee/model";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventsOf, MINUTE, modelOf, T } from "../../engine/src/one-machine.fixture.ts";
import { type Changes, MachineEngine } from "./machine-engine.ts";

/** The machine makes at most one piece a second: a rise of the total by more than 601 in ten minutes is doubted. */
const MODEL = modelOf("idealCycleSeconds: 1, maxRatePerHour: 3600");
const OPTIONS = { allowedLatenessMs: 60 * MINUTE };

function totals(...list: readonly (readonly [at: number, good: number])[]): PlantEvent[] {
  return eventsOf(
    MODEL,
    list.map(([at, good]) => ({ at, type: "count", total: { good } })),
  );
}

/** What an advance reports: minutes of totals that are doubted from now on, and of those that are not any more. */
function told({ doubts }: Pick<Changes, "doubts">): { readonly doubted: number[]; readonly gone: number[] } {
  const minutes = (doubted: boolean): number[] =>
    doubts.filter((one) => one.doubted === doubted).map(({ at }) => (at - T) / MINUTE);
  return { doubted: minutes(true), gone: minutes(false) };
}

function placed(engine: MachineEngine, now: number, ...events: readonly PlantEvent[]): ReturnType<typeof told> {
  for (const event of events) engine.accept(event);
  return told(engine.advance(T + now * MINUTE));
}

const NOTHING = { doubted: [], gone: [] };

describe("CN-8: a doubted total is reported once", () => {
  test("and reported as not doubted when a later total shows that it was true, however much later", () => {
    const engine = new MachineEngine(MODEL, OPTIONS);
    expect(placed(engine, 21, ...totals([0, 100], [10, 90_000]))).toEqual({ doubted: [10], gone: [] });
    expect(placed(engine, 600)).toEqual(NOTHING);
    // In ten hours a rise by 36,001 is possible.
    expect(placed(engine, 611, ...totals([610, 91_000]))).toEqual({ doubted: [], gone: [10] });
  });

  test("and stays doubted when later totals go on from the one before it", () => {
    const engine = new MachineEngine(MODEL, OPTIONS);
    expect(placed(engine, 21, ...totals([0, 100], [10, 90_000], [20, 150]))).toEqual({ doubted: [10], gone: [] });
    expect(placed(engine, 41, ...totals([30, 90_010], [40, 150]))).toEqual({ doubted: [30], gone: [] });
  });

  test("DI-1: as doubted, when a late total comes between it and the one that had shown it to be true", () => {
    const engine = new MachineEngine(MODEL, OPTIONS);
    expect(placed(engine, 31, ...totals([0, 100], [10, 90_000], [30, 90_010]))).toEqual(NOTHING);
    // 150 goes on from 100, which makes 90,000 a spike; after 150 the total 90,010 is doubted too.
    expect(placed(engine, 31, ...totals([20, 150]))).toEqual({ doubted: [10, 30], gone: [] });
  });

  test("for each of its quantities; a restored engine reports what the one before would have", () => {
    const events = eventsOf(MODEL, [
      { at: 0, type: "count", total: { good: 0, scrap: 0 } },
      { at: 10, type: "count", total: { good: 5_000, scrap: 5_000 } },
      { at: 20, type: "count", total: { good: 5_010, scrap: 3 } },
    ]);
    const engine = new MachineEngine(MODEL, OPTIONS);
    const [first, second, third] = events as [PlantEvent, PlantEvent, PlantEvent];
    expect(placed(engine, 11, first, second)).toEqual({ doubted: [10, 10], gone: [] });
    const restored = MachineEngine.restore(MODEL, OPTIONS, structuredClone(engine.snapshot()));
    expect(placed(restored, 11)).toEqual(NOTHING);
    expect(placed(restored, 21, third)).toEqual({ doubted: [], gone: [10] });
    const at = T + 10 * MINUTE;
    expect([restored.isDoubted({ at, quantity: "good" }), restored.isDoubted({ at, quantity: "scrap" })]).toEqual([
      false,
      true,
    ]);
  });
});

test("DI-1, CN-8: a recompute from an instant on reports older doubts that its time settles, and none that was settled before it", () => {
  const engine = new MachineEngine(MODEL, OPTIONS);
  const from = T + 25 * MINUTE;
  const spike = totals([0, 100], [5, 80_000], [10, 150], [20, 90_000]);
  const wasTrue = engine.rebuild([...spike, ...totals([30, 90_010])], from);
  expect(told(wasTrue.advance(T + 31 * MINUTE))).toEqual({ doubted: [], gone: [20] });
  const wasNone = engine.rebuild([...spike, ...totals([30, 160])], from);
  expect(told(wasNone.advance(T + 31 * MINUTE))).toEqual({ doubted: [20], gone: [] });
});

test("DI-3: under another plant file earlier doubts stay, except for one that a later total shows to be true", () => {
  const other = modelOf("idealCycleSeconds: 1, maxRatePerHour: 7200000");
  const engine = new MachineEngine(MODEL, OPTIONS);
  placed(engine, 22, ...totals([0, 100], [10, 90_000], [15, 150], [20, 91_000]));
  const snapshot = structuredClone(engine.snapshot());
  const plantFrom = T + 22 * MINUTE;
  const restored = (): MachineEngine => MachineEngine.restore(other, { ...OPTIONS, plantFrom }, snapshot);
  // With the new rate 150 is a reset, and 91,000 no doubt; but time that was stored under the old plant file is not computed again.
  expect(placed(restored(), 23)).toEqual(NOTHING);
  const same = MachineEngine.restore(MODEL, { ...OPTIONS, plantFrom }, snapshot);
  expect(placed(same, 31, ...totals([30, 91_010]))).toEqual({ doubted: [], gone: [20] });
});

/** Random totals at three levels, as of spikes and replaced counters, so that many are doubted. */
const counters = fc
  .record({
    list: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 150 }),
        level: fc.constantFrom(0, 0, 0, 100_000, 1_000_000),
        more: fc.integer({ min: 0, max: 400 }),
        quantity: fc.constantFrom("good", "good", "produced", "scrap"),
      }),
      { minLength: 4, maxLength: 30 },
    ),
    steps: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 6 }),
    restoreEvery: fc.integer({ min: 1, max: 5 }),
    latenessMinutes: fc.constantFrom(5, 60),
  })
  .map(({ list, ...way }) => {
    const wire = list.map(({ at, level, more, quantity }) => ({
      at,
      type: "count",
      total:
        quantity === "produced" ? { good: level + more, produced: level + more + 1 } : { [quantity]: level + more },
    }));
    return { ...way, events: eventsOf(MODEL, wire) };
  });

test("P-5, CN-8: doubts reported by a stream, with events in any order, restarts and recomputes, are those of the whole history", () => {
  const ofWhole = (events: readonly PlantEvent[], now: number): DoubtedTotal[] => {
    const history = new MachineHistory(MODEL.plant, MODEL.machine);
    for (const event of events) history.accept(event);
    return doubtsWithin(MODEL.machine.id, history.evaluate({ from: T, to: now, now }).doubted, -Infinity, Infinity);
  };
  const sorted = (doubts: readonly DoubtedTotal[]): string[] =>
    doubts.map(({ at, quantity }) => `${(at - T) / MINUTE} ${quantity}`).toSorted();
  let doubtsSeen = 0;
  fc.assert(
    fc.property(counters, ({ events, steps, restoreEvery, latenessMinutes }) => {
      const options = { allowedLatenessMs: latenessMinutes * MINUTE };
      let engine = new MachineEngine(MODEL, options);
      let kept = new Map<string, DoubtedTotal>();
      let now = T;
      const take = ({ doubts }: Changes): void => {
        for (const doubt of doubts) {
          const key = `${doubt.at} ${doubt.quantity}`;
          if (doubt.doubted) kept.set(key, doubt);
          else kept.delete(key);
        }
      };
      for (const [i, event] of events.entries()) {
        engine.accept(event);
        now += (steps[i % steps.length] ?? 1) * MINUTE;
        const changes = engine.advance(now);
        take(changes);
        if (changes.recomputeFrom !== null) {
          engine = engine.rebuild(events.slice(0, i + 1));
          kept = new Map();
          take(engine.advance(now));
        }
        if (i % restoreEvery === 0) engine = MachineEngine.restore(MODEL, options, structuredClone(engine.snapshot()));
        const whole = ofWhole(events.slice(0, i + 1), now);
        doubtsSeen += whole.length;
        expect(sorted([...kept.values()])).toEqual(sorted(whole));
      }
    }),
    { numRuns: Number(process.env["OEE_PROPERTY_RUNS"] ?? 100) },
  );
  expect(doubtsSeen).toBeGreaterThan(100);
});
