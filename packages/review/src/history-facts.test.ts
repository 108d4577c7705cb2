import { Sums } from "@oee/answers";
import { DAY_MS, HOUR_MS } from "@oee/calendar";
import { PlantModel } from "@oee/engine";
import { EventDecoder, formatInstant, isRefusal, type Machine, parsePlant, RowBatch } from "@oee/model";
import { expect, test } from "vitest";
import { HistoryFacts } from "./history-facts.ts";
import { RecordedMachine } from "./recorded-machine.ts";
import { RecordedRefusals } from "./recorded-refusals.ts";

const PLANT = `
enterprise: acme
timezone: Europe/Berlin
calendars: { day: { shifts: [{ name: day, days: mon-fri, start: "06:00", end: "22:00", breaks: [{ start: "10:00", end: "10:30" }] }] } }
sites: { s: { calendar: day, areas: { a: { lines: { l: { machines: {
  m: { idealCycleSeconds: 1, taktSeconds: 2, costPerHour: 60, minorStopThreshold: 0 } } } } } } } }
`;
const ID = "s/a/l/m";
const FIRST = Date.UTC(2026, 2, 2, 9, 17, 11, 250);
const NOW = FIRST + 3 * DAY_MS;
const YEARS_BEFORE = Date.UTC(2006, 0, 1);

function heardSince(...events: readonly object[]): {
  readonly facts: HistoryFacts;
  readonly machine: Machine;
  readonly record: RecordedMachine;
  readonly sweeps: () => number;
} {
  const parsed = parsePlant(PLANT, "plant.yaml");
  if (!parsed.ok) throw new Error("the plant file is refused");
  const model = new PlantModel(parsed.plant);
  const [machine] = parsed.plant.machines;
  if (machine === undefined) throw new Error("no machine");
  const record = new RecordedMachine(model, machine);
  const decoder = new EventDecoder(parsed.plant, { maxFutureMs: 0 });
  for (const given of events) {
    const event = decoder.decodeValue({ machine: ID, ...given }, null);
    if (isRefusal(event)) throw new Error(event.detail);
    record.accept(event);
  }
  const facts = new HistoryFacts(model, NOW, () => record, new RecordedRefusals());
  const evaluate = record.history.evaluate.bind(record.history);
  let count = 0;
  record.history.evaluate = (query) => {
    count++;
    return evaluate(query);
  };
  return { facts, machine, record, sweeps: () => count };
}

const RUNNING = [
  { type: "job", product: "cola", at: formatInstant(FIRST) },
  { type: "state", state: "running", at: formatInstant(FIRST) },
  { type: "count", good: 90_000, at: formatInstant(FIRST + 10 * HOUR_MS) },
  { type: "state", state: "down", at: formatInstant(FIRST + 11 * HOUR_MS) },
];

test("P-1: time before the first event is summed without a sweep for each period, and is what a sweep of it gives", () => {
  const { facts, machine, record, sweeps } = heardSince(...RUNNING);
  const years = { from: YEARS_BEFORE, to: NOW };
  for (let from = YEARS_BEFORE; from < FIRST - 7 * DAY_MS; from += 7 * DAY_MS) {
    facts.cellsOf(machine, { from, to: from + 7 * DAY_MS });
  }
  expect(facts.daysAbove1([machine], years)).toBe(1);
  const cells = facts.cellsOf(machine, years);
  expect(sweeps()).toBeLessThan(5);

  const expected = new Map<string | null, Sums>();
  const rows = RowBatch.of(record.history.evaluate({ ...years, now: NOW }).rows);
  for (let row = 0; row < rows.length; row++) {
    const { product } = rows.headAt(row);
    expected.set(product, (expected.get(product) ?? new Sums()).addRow(rows, row));
  }
  expect([...cells.keys()]).toEqual([null, "cola"]);
  for (const [product, sums] of cells) expect(sums).toEqual(expected.get(product));
});

test("PA-1, TL-7: a stop that a correction makes of the time before the first event is a stop", () => {
  const from = Date.UTC(2026, 1, 24, 9);
  const span = { from: formatInstant(from), to: formatInstant(from + HOUR_MS) };
  const correction = { type: "correction", at: formatInstant(NOW), ...span, state: "down" };
  for (const events of [[...RUNNING, correction], [correction]]) {
    const { facts, machine } = heardSince(...events);
    const period = { from: from - DAY_MS, to: from + DAY_MS };
    let stopped = 0;
    for (const sums of facts.cellsOf(machine, period).values()) stopped += sums.of("unplannedStopTime");
    // The other half of the hour is a break.
    expect(stopped).toBe(HOUR_MS / 2);
    expect(facts.stopTotalsOf(machine, period)).toMatchObject([{ scheduledMs: stopped }]);
  }
});
