import { MINUTE_CELLS, RowTable } from "@oee/columns";
import type { JobEvent } from "@oee/model";
import { expect, test } from "vitest";
import { EARLY, eventsOf, MINUTE, modelOf, SECOND, T } from "./one-machine.fixture.ts";
import { RowBuilder } from "./row-builder.ts";

function built(machine: string, fill: (rows: RowBuilder) => void, jobs: readonly JobEvent[] = []) {
  const model = modelOf(`idealCycleSeconds: 1, calendar: early, ${machine}`, EARLY);
  const table = new RowTable();
  const rows = new RowBuilder(model, jobs, MINUTE_CELLS, table, -Infinity, Infinity);
  fill(rows);
  return { rows: [...table.batch], tooLargeAt: rows.tooLargeAt };
}

const JOBS = eventsOf(modelOf(), [{ at: 0.5, type: "job", product: "cola" }]).filter(
  (event): event is JobEvent => event.type === "job",
);

test("CO-1: time is put into the row of its minute, product and shift", () => {
  const { rows } = built("minorStopThreshold: 1m", (to) => to.addTime(T, T + 90 * SECOND, "production"), JOBS);
  expect(rows).toMatchObject([
    { from: T, product: null, runTime: 30 * SECOND, shift: "early" },
    { from: T, product: "cola", runTime: 30 * SECOND },
    { from: T + MINUTE, product: "cola", runTime: 30 * SECOND },
  ]);
});

test("CA-4: production outside scheduled time is run time where overtime counts, and else not planned time", () => {
  const fill = (to: RowBuilder): void => to.addTime(T - MINUTE, T, "production");
  expect(built("overtime: count", fill).rows).toMatchObject([{ runTime: MINUTE, shift: null }]);
  expect(built("overtime: ignore", fill).rows).toMatchObject([{ runTime: 0, notPlannedTime: MINUTE }]);
});

test("ST-2: time that a stop added to a row is subtracted again exactly, when the stop is no minor one any more", () => {
  const { rows } = built("minorStopThreshold: 1m", (to) => {
    const add = (unplanned: boolean, sign: 1 | -1): void =>
      to.addStopTime(T, T + MINUTE, unplanned, false, sign, -Infinity, Infinity, -Infinity);
    add(false, 1);
    add(false, -1);
    add(true, 1);
  });
  expect(rows).toMatchObject([{ minorStopTime: 0, unplannedStopTime: MINUTE }]);
});

test("a quantity with which a row's sums would not be exact any more is left out, and its instant is noted", () => {
  const { rows, tooLargeAt } = built("minorStopThreshold: 1m", (to) => {
    to.addCount(T, 0, 5, false, to.ratesOf(T, null));
    to.addCount(T + 1, 0, 2e12, false, to.ratesOf(T, null));
  });
  expect(rows).toMatchObject([{ goodCount: 5, idealGoodTimeUs: 5_000_000 }]);
  expect(tooLargeAt).toBe(T + 1);
});
