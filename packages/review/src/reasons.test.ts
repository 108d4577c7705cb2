import { PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Machine, machinesIn, type Scope } from "@oee/model";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import type { LackingSegment } from "./facts.ts";
import { HistoryFacts } from "./history-facts.ts";
import { bookOf, plantAsItWas } from "./past.ts";
import { LACKING_MAX, reasonInTime, reasonsOf, sumOfReasons } from "./reasons.ts";
import { RecordedMachine } from "./recorded-machine.ts";
import { RecordedRefusals } from "./recorded-refusals.ts";

const plant = plantFrom(
  "enterprise: e\ntimezone: UTC\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 1 } } } } } } } }\n",
);
const [m, n] = plant.machines as [Machine, Machine];

const lacking = (machine: Machine, from: number, scheduledDuration: number, open = false): LackingSegment => ({
  machine,
  segment: { from, scheduledDuration, open },
});

test("RS-1: all segments that lack a reason are counted; the first 1,000 are listed, open ones before the longest, then by machine and start", () => {
  const many = Array.from({ length: LACKING_MAX }, (_, i) => lacking(n, i, 1_000 + i));
  const sum = sumOfReasons([
    { due: 3, inTime: 1, lacking: many.length, first: many },
    { due: 1, inTime: 1, lacking: 3, first: [lacking(m, 9, 5_000), lacking(m, 7, 5_000), lacking(m, 8, 1, true)] },
  ]);
  expect([sum.due, sum.inTime, sum.lacking, sum.first.length]).toEqual([4, 2, LACKING_MAX + 3, LACKING_MAX]);
  expect(sum.first.slice(0, 4).map(({ machine, segment }) => [machine.id, segment.from])).toEqual([
    ["s/a/l/m", 8],
    ["s/a/l/m", 7],
    ["s/a/l/m", 9],
    ["s/a/l/n", LACKING_MAX - 1],
  ]);
  expect(sum.first.at(-1)?.segment.from).toBe(3);
});

test("SC-2: the share of due reasons that were given in time, null where none was due", () => {
  expect(reasonInTime({ due: 4, inTime: 3, lacking: 0, first: [] })).toBe(0.75);
  expect(reasonInTime({ due: 0, inTime: 0, lacking: 2, first: [] })).toBeNull();
});

test("RS-1, SC-2, DI-3: a stop that spans the absence of its machine from the plant is listed, and counts, once", () => {
  const [HOUR, START] = [3_600_000, Date.UTC(2026, 2, 2)];
  const today = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: {
  l: { machines: { m: { idealCycleSeconds: 1 } } }, k: { machines: { n: { idealCycleSeconds: 1 } } } } } } } }
reasons: { jam: {} }
`);
  // Line l was away from the plant in the second of three hours.
  const structures = [["l", "k"], ["k"], ["l", "k"]].map((there, i) => ({
    ...{ type: "structure", id: "plant", rev: i + 1, by: "oee", from: START + i * HOUR },
    lines: Object.fromEntries(there.map((line) => [`s/a/${line}`, { rated: [line === "l" ? "m" : "n"] }])),
  }));
  const past = plantAsItWas(today, bookOf(today, structures, ["structure"]));
  const model = new PlantModel(past);
  const now = START + 60 * HOUR;
  const countsWith = (reason: string): ReturnType<typeof reasonsOf> => {
    const decoder = new EventDecoder(past, { maxFutureMs: 0 });
    const record = new RecordedMachine(model, past.machineById.get("s/a/l/m") as Machine);
    for (const [hours, state] of [
      [0, "running"],
      [0.5, "down"],
      [2.5, "running"],
    ] as const) {
      const text = JSON.stringify({
        ...{ type: "state", machine: "s/a/l/m", at: START + hours * HOUR, state },
        ...(state === "down" && reason !== "" ? { reason } : {}),
      });
      const event = decoder.decode(new TextEncoder().encode(text), 0, text.length, null);
      if (isRefusal(event)) throw new Error(event.detail);
      record.accept(event);
    }
    const facts = new HistoryFacts(model, now, () => record, new RecordedRefusals());
    const period = { from: START, to: START + 4 * HOUR };
    return reasonsOf(facts, machinesIn(past.scopes.get("s/a/l") as Scope, period), now);
  };
  const without = countsWith("");
  expect(without.first.map(({ segment }) => segment.from)).toEqual([START + 0.5 * HOUR]);
  expect(without).toMatchObject({ due: 1, inTime: 0, lacking: 1 });
  expect(countsWith("jam")).toMatchObject({ due: 1, inTime: 1, lacking: 0 });
});
