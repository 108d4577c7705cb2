import { EventDecoder, isRefusal } from "@oee/model";
import { expect, test } from "vitest";
import { SampleMachines } from "./sample-machines.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 6);
const MACHINES =
  "{ m: { idealCycleSeconds: 60 }, n: { idealCycleSeconds: 60, rolloverAt: 1000 }, o: { idealCycleSeconds: 1, piecesPerCount: 2 } }";
const plant = plantFrom(
  `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: ${MACHINES} } } } } } }
`,
);

function linesOf(events: readonly object[]): readonly string[] {
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const machines = new SampleMachines(plant);
  for (const fields of events) {
    const event = decoder.decodeValue(fields, null);
    if (isRefusal(event)) throw new Error(event.detail);
    machines.take(event);
  }
  return machines.lines();
}

test("TL-9, CN-8: for counts that are mostly a minute apart a pulseGap of three minutes and twice their rate are proposed", () => {
  const minutes = [0, 1, 2, 3, 4, 5, 6, 9, 10, 30];
  const counts = minutes.map((minute) => ({ type: "count", machine: "s/a/l/m", at: START + minute * 60_000, good: 2 }));
  const lines = linesOf([...counts, { ...counts[0], good: 0 }, { ...counts[0], good: -1 }]);
  expect(lines[0]).toBe("s/a/l/m: counts and no states; pulseGap would have its counts tell when it runs");
  // The sample has nine gaps: seven of a minute, one of three minutes, one of twenty.
  expect(lines[1]).toMatch(
    /^s\/a\/l\/m: .* between counts, mostly \(up to .* 7, up to .* 1, up to .* 0, up to .* 0, longer 1\)$/,
  );
  expect(lines[2]).toBe("s/a/l/m: the longest time without a count: 20 min from 2026-03-02 06:10 on");
  expect(lines[3]).toBe("s/a/l/m: to try: pulseGap: 180s, maxRatePerHour: 240 (about 120 an hour are usual)");
  expect(lines[4]).toBe("nothing of 2 machines: s/a/l/n, s/a/l/o");
});

test("CN-8: the highest rate that is proposed is not below that of the ideal cycle, in counts of several pieces each", () => {
  const counts = [0, 1, 2, 3, 4, 5].map((minute) => ({ at: START + minute * 60_000, good: 5 }));
  const lines = linesOf(counts.map((count) => ({ type: "count", machine: "s/a/l/o", ...count })));
  // 300 counts an hour are usual, and 3,600 pieces an hour at the ideal cycle are 1,800 counts.
  expect(lines).toContain("s/a/l/o: to try: pulseGap: 180s, maxRatePerHour: 1800 (about 300 an hour are usual)");
});

test("CN-2: a counter that rolls over has not fallen, and what it counts is as usual as any other count", () => {
  const totals = [980, 985, 990, 995, 0, 5, 10].map((good, i) => ({ at: START + i * 60_000, total: { good } }));
  const lines = linesOf(totals.map((total) => ({ type: "count", machine: "s/a/l/n", ...total })));
  expect(lines.filter((line) => line.includes("fell"))).toEqual([]);
  expect(lines[1]).toMatch(/between counts, mostly \(up to .* 5, /);
});

test("CN-2, CN-8: states are listed, and how often totals fell", () => {
  const totals = [5, 9, 3, 4].map((good, i) => ({ type: "count", machine: "s/a/l/n", at: START + i, total: { good } }));
  const lines = linesOf([{ type: "state", machine: "s/a/l/n", at: START, state: "running" }, ...totals]);
  expect(lines.slice(0, 2)).toEqual([
    "s/a/l/n: states running",
    "s/a/l/n: totals fell 1 time; maxRatePerHour would doubt those that cannot be",
  ]);
});
