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
};

test("CO-2, TL-4: without events the last state goes on, and from staleAfter on time is unknown", () => {
  expect(rowsAfter(RUNNING)).toMatchObject([
    { from: T, runTime: 5 * MINUTE },
    { from: T + 5 * MINUTE, runTime: 5 * MINUTE, unknownTime: 10 * MINUTE },
  ]);
});

test("ST-2: a stop is judged by its length from its beginning on", () => {
  const down = { ...RUNNING, state: "down", since: T - 2 * MINUTE } as const;
  expect(rowsAfter(down)[0]).toMatchObject({ unplannedStopTime: 5 * MINUTE, minorStopTime: 0, stopCount: 0 });
});

test("a machine without events has unknown time", () => {
  expect(rowsAfter(null)).toMatchObject([{ unknownTime: 5 * MINUTE }, { unknownTime: 15 * MINUTE }]);
});
