import { MINUTE_CELLS, RowTable } from "@oee/columns";
import { expect, test } from "vitest";
import { MachineEvents } from "./machine-events.ts";
import { eventsOf, MINUTE, modelOf, T } from "./one-machine.fixture.ts";
import { RowBuilder } from "./row-builder.ts";
import { beginning, type Resume, sweep } from "./sweep.ts";

const MODEL = modelOf("idealCycleSeconds: 1, minorStopThreshold: 5m");

function eventsIn(): MachineEvents {
  const events = new MachineEvents(MODEL.machine);
  for (const event of eventsOf(MODEL, [
    { at: 0, type: "state", state: "running" },
    { at: 2, type: "count", total: { good: 50 } },
    { at: 3, type: "state", state: "down" },
    { at: 6, type: "count", total: { good: 60 } },
    { at: 9, type: "state", state: "running" },
  ])) {
    events.add(event);
  }
  return events;
}

function swept(start: Resume, now: number, resumeAt: readonly number[]) {
  const table = new RowTable();
  const rows = new RowBuilder(MODEL, [], MINUTE_CELLS, table, -Infinity, Infinity);
  const result = sweep(MODEL, eventsIn(), start, T + now * MINUTE, rows, resumeAt, true);
  if ("wrongFrom" in result) return expect.unreachable();
  return { ...result, rows: new Map([...table.batch].map((row) => [(row.from - T) / MINUTE, row])) };
}

test("a sweep from a resume makes the same rows as a sweep from the beginning", () => {
  const at = T + 7 * MINUTE;
  const whole = swept(beginning(T), 10, [at]);
  const [resume] = whole.resumes;
  expect(resume).toMatchObject({ at, raw: { state: "down" }, stop: { from: T + 3 * MINUTE } });
  if (resume === undefined) return expect.unreachable();
  const rest = swept(resume, 10, []);
  for (const minute of [7, 8, 9]) expect(rest.rows.get(minute)).toEqual(whole.rows.get(minute));
  expect(rest.segments.map(({ state }) => state)).toEqual(["down", "running"]);
});

test("ST-2: a sweep that ends inside a stop judges it by its length so far", () => {
  expect(swept(beginning(T), 7, []).stops).toMatchObject([{ unplanned: false, open: true }]);
  expect(swept(beginning(T), 10, []).stops).toMatchObject([{ unplanned: true, open: false }]);
});
