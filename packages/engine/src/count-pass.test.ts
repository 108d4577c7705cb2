import { MINUTE_CELLS, RowTable } from "@oee/columns";
import { expect, test } from "vitest";
import { countInto } from "./count-pass.ts";
import { Counters, NO_TOTALS } from "./counters.ts";
import { MachineEvents } from "./machine-events.ts";
import { eventsOf, MINUTE, modelOf, T } from "./one-machine.fixture.ts";
import { RowBuilder } from "./row-builder.ts";

const MODEL = modelOf();

test("CN-1, CN-2: deltas and differences of totals are added to minute rows, and the counters' state is noted at the given instants", () => {
  const events = new MachineEvents(MODEL.machine);
  for (const event of eventsOf(MODEL, [
    { at: 0.1, type: "count", total: { good: 100 } },
    { at: 0.5, type: "count", scrap: 2 },
    { at: 1.5, type: "count", total: { good: 108 } },
    { at: 2.5, type: "count", total: { good: 120 } },
  ])) {
    events.add(event);
  }
  const table = new RowTable();
  const rows = new RowBuilder(MODEL, [], MINUTE_CELLS, table, -Infinity, Infinity);
  const at = T + 2 * MINUTE;
  const query = { from: T, to: T + 3 * MINUTE, counters: NO_TOTALS, noteAt: [at], pulses: null };
  const { noted } = countInto(rows, MODEL, events, query);
  const made = [...table.batch].map(({ from, goodCount, scrapCount }) => [(from - T) / MINUTE, goodCount, scrapCount]);
  expect(made).toEqual([
    [0, 0, 2],
    [1, 8, 0],
    [2, 12, 0],
  ]);
  expect(new Counters(MODEL.machine, noted[0] ?? NO_TOTALS).take(0, at, 120)).toBe(12);
});
