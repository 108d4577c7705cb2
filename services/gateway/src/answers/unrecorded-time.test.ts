import { NO_HEAD, PLACE, RowBatch, WIDTH } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  FILLER,
  liveRecord,
  MINUTE,
  machineOf,
  PLANT,
  PLANT_TEXT,
  plantOf,
  START,
} from "../../test/gateway-fixture.ts";
import { fillGap, gapsOf, isComplete, knownEndOf, merged, type Stored, storedFrom } from "./unrecorded-time.ts";

const PERIOD = { from: START, to: START + 10 * MINUTE };
const stored = (from: number, to: number, elapsedMs: number): Stored => ({
  covered: { from: START + from * MINUTE, to: START + to * MINUTE },
  elapsedMs,
});

test("time without rows lies before the first and after the last minute; where minutes inside lack time only the store knows", () => {
  expect(gapsOf(PERIOD, null)).toEqual([PERIOD]);
  expect(gapsOf(PERIOD, stored(0, 10, 10 * MINUTE))).toEqual([]);
  expect(gapsOf(PERIOD, stored(2, 8, 6 * MINUTE))).toEqual([
    { from: START, to: START + 2 * MINUTE },
    { from: START + 8 * MINUTE, to: PERIOD.to },
  ]);
  // The last minute has 15 s.
  expect(knownEndOf(stored(0, 8, 7.25 * MINUTE))).toBe(START + 7.25 * MINUTE);
  expect(gapsOf(PERIOD, stored(2, 8, 4 * MINUTE))).toBeNull();
});

test("rows are complete where no period between two cuts has a gap, and only there", () => {
  const row = fc.record({ period: fc.nat(3), minutes: fc.constantFrom(10, 10, 6, 4, 0) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (given, periods) => {
      const cuts = Array.from({ length: periods + 1 }, (_, i) => START + i * 10 * MINUTE);
      const rows = new RowBatch();
      for (const { period, minutes } of given.toSorted((a, b) => a.period - b.period)) {
        const own = rows.addEmpty(NO_HEAD, START + period * 10 * MINUTE);
        rows.values[own * WIDTH + PLACE.runTime] = minutes * MINUTE;
      }
      const coveredFrom = [...rows.froms];
      const sums = { rows, coveredFrom, coveredTo: coveredFrom.map((from) => from + 10 * MINUTE) };
      const summed = { sums, rows: coveredFrom.map((_, i) => i) };
      const starts = cuts.slice(0, -1);
      const gaps = storedFrom(summed, starts).map((one, i) =>
        gapsOf({ from: starts[i] ?? NaN, to: cuts[i + 1] ?? NaN }, one),
      );
      expect(isComplete(summed, cuts)).toBe(gaps.every((found) => found?.length === 0));
    }),
  );
});

test("gaps that meet are one", () => {
  const gap = (from: number, to: number) => ({ from, to });
  expect(merged([gap(1, 2), gap(2, 5), gap(6, 7)])).toEqual([gap(1, 5), gap(6, 7)]);
});

test("TL-4, CA-4: scheduled time of a machine without events is unknown; a fresh record's state goes on", async () => {
  const filler = machineOf(FILLER);
  const into = new RowBatch();
  // An hour before the shift and one in it.
  const gap = { from: START - 60 * MINUTE, to: START + 60 * MINUTE };
  const sum = (name: keyof typeof PLACE) =>
    Array.from({ length: into.length }, (_, row) => into.values[row * WIDTH + PLACE[name]] ?? 0).reduce(
      (a, b) => a + b,
      0,
    );
  await fillGap(PLANT.model, filler, gap, [START], null, false, new GiveWay(), into);
  expect([sum("unknownTime"), sum("notPlannedTime")]).toEqual([60 * MINUTE, 60 * MINUTE]);
  into.clear();
  const record = liveRecord(FILLER, START, { since: START, lastEventAt: START });
  await fillGap(PLANT.model, filler, PERIOD, [], record, false, new GiveWay(), into);
  expect(sum("runTime")).toBe(10 * MINUTE);
});

test("TL-7, TL-9: a state that a correction gives goes on, though no pulse came for long", async () => {
  const into = new RowBatch();
  const { model } = plantOf(PLANT_TEXT.replace("minorStopThreshold: 3m", "minorStopThreshold: 3m, pulseGap: 1m"));
  const machine = machineOf(FILLER, model.plant);
  const part = { from: START - 30 * MINUTE, byPulse: true, cycleMs: 1_200 };
  const filled = async (correctedTo: number | null) => {
    into.clear();
    const record = liveRecord(FILLER, START, { since: START - 60 * MINUTE, lastEventAt: part.from, part, correctedTo });
    await fillGap(model, machine, PERIOD, [], record, false, new GiveWay(), into);
    return into.values[PLACE.runTime];
  };
  expect(await filled(null)).toBe(0);
  expect(await filled(PERIOD.to + MINUTE)).toBe(10 * MINUTE);
});
