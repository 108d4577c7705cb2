import { RowBatch } from "@oee/model";
import { expect, test } from "vitest";
import { MINUTE, modelOf, T } from "./one-machine.fixture.ts";
import { addSteadyRows, type LastHeard } from "./steady.ts";

const MODEL = modelOf("idealCycleSeconds: 1, minorStopThreshold: 3m, staleAfter: 10m");
const CUTS = [T, T + 5 * MINUTE, T + 20 * MINUTE];

function rowsAfter(heard: LastHeard | null) {
  const rows = new RowBatch();
  addSteadyRows(MODEL, heard, CUTS, rows);
  return [...rows];
}

const RUNNING: LastHeard = {
  state: "running",
  reason: null,
  since: T - MINUTE,
  at: T,
  job: null,
  unplanned: false,
  part: null,
  correctedTo: null,
};

test("CO-2, TL-4: without events the last state goes on, and from staleAfter on time is unknown", () => {
  expect(rowsAfter(RUNNING)).toMatchObject([
    { from: T, runTime: 5 * MINUTE },
    { from: T + 5 * MINUTE, runTime: 5 * MINUTE, unknownTime: 10 * MINUTE },
  ]);
});

test("TL-7, TL-9: a state that a correction gives goes on to its end, through silence and without pulses", () => {
  const corrected = { ...RUNNING, at: T - 60 * MINUTE, correctedTo: T + 12 * MINUTE };
  expect(rowsAfter(corrected)).toMatchObject([
    { from: T, runTime: 5 * MINUTE },
    { from: T + 5 * MINUTE, runTime: 7 * MINUTE, unknownTime: 8 * MINUTE },
  ]);
  const rows = new RowBatch();
  const part = { from: T - 30 * MINUTE, byPulse: true, cycleMs: 1_000 };
  addSteadyRows(modelOf("idealCycleSeconds: 1, pulseGap: 1m"), { ...corrected, part }, CUTS.slice(0, 2), rows);
  expect([...rows]).toMatchObject([{ from: T, runTime: 5 * MINUTE, unplannedStopTime: 0 }]);
});

test("ST-2: a stop is judged by its length from its beginning on", () => {
  const down = { ...RUNNING, state: "down", since: T - 2 * MINUTE } as const;
  expect(rowsAfter(down)[0]).toMatchObject({ unplannedStopTime: 5 * MINUTE, minorStopTime: 0, stopCount: 0 });
});

test("a machine without events has unknown time", () => {
  expect(rowsAfter(null)).toMatchObject([{ unknownTime: 5 * MINUTE }, { unknownTime: 15 * MINUTE }]);
});
