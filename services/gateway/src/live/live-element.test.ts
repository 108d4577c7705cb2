import { kpisOf, Sums } from "@oee/answers";
import { COMPONENT_NAMES } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import { expect, test } from "vitest";
import { FILLER, LABELLER, liveRecord, liveWindow, MINUTE, PLANT, START } from "../../test/gateway-fixture.ts";
import type { LiveElement, TimelineSegment } from "@oee/protocol";
import { briefElement, liveElement } from "./live-element.ts";
import { MachinePictures } from "./machine-picture.ts";

const NONE = { needsReason: null, alerts: [] };
const HOUR = { name: "1h", from: START - 60 * MINUTE, to: START };
const scopeAt = (path: string) => {
  const scope = PLANT.plant.scopes.get(path);
  if (scope === undefined) throw new Error(`no scope ${path}`);
  return scope;
};

function picturesAt(now: number, rest: Partial<ReturnType<typeof liveRecord>> = {}): MachinePictures {
  const pictures = new MachinePictures(PLANT.model, () => now, MINUTE);
  const window = liveWindow(HOUR.name, HOUR.from, HOUR.to, { runTime: 45 * MINUTE, unplannedStopTime: 15 * MINUTE });
  for (const machine of [FILLER, LABELLER]) pictures.take(liveRecord(machine, START, { windows: [window], ...rest }));
  return pictures;
}

async function elementAt(
  pictures: MachinePictures,
  path: string,
  wanted: ReadonlySet<string>,
  now: number = START,
): Promise<LiveElement> {
  const text = await liveElement(PLANT.model, pictures, scopeAt(path), wanted, now, new GiveWay(), NONE);
  return JSON.parse(text) as LiveElement;
}

test("EQ-3: a line's window is that of its constraint; a machine has its state, shift and next break", async () => {
  const pictures = picturesAt(START + 1_000, { reason: "mechanical/jam", product: "cola" });
  const wanted = new Set(["1h"]);
  const line = await elementAt(pictures, "berlin/packing/l1", wanted);
  expect(line.machine).toBeNull();
  expect(line.windows["1h"]).toMatchObject({ ...{ from: HOUR.from, to: HOUR.to }, kpis: { availability: 0.75 } });
  const own = await elementAt(pictures, FILLER, wanted);
  expect(own.machine).toMatchObject({
    state: "running",
    reasonName: "Conveyor jam",
    productName: "Cola 0.6 l",
  });
  // 06:00 to 14:00 in Berlin, with a break at 10:00.
  expect(own.shift).toMatchObject({
    name: "early",
    from: START,
    nextBreak: { from: START + 240 * MINUTE, to: START + 270 * MINUTE },
  });
});

test("P-1: each number of a machine's windows is written as it is summed, whatever the others are", async () => {
  const pictures = picturesAt(START);
  const window = { ...HOUR, components: COMPONENT_NAMES.map((_, i) => 7 ** i % 1_234_567), plannedByTakt: [] };
  const taken = (windows: readonly (typeof window)[]) => pictures.take(liveRecord(FILLER, START, { windows }));
  for (const [i] of COMPONENT_NAMES.entries()) {
    const one = { ...window, components: COMPONENT_NAMES.map((_, j) => (j === i ? 86_400_001 : 0)) };
    for (const of of [window, one]) {
      taken([{ ...of, name: "15m" }, of]);
      const { windows } = await elementAt(pictures, FILLER, new Set(["1h", "15m"]));
      const sums = new Sums().addNumbers(of, scopeAt(FILLER).machines[0]?.costPerHour ?? null, 0);
      const value = { from: HOUR.from, to: HOUR.to, components: sums.components(), kpis: kpisOf(sums, true) };
      expect(windows).toEqual({ "15m": value, "1h": value });
    }
  }
});

test("whatever a machine says anew is in its next element", async () => {
  const pictures = picturesAt(START);
  const says = [
    { state: "down" },
    { category: "setup" },
    { minor: true },
    { failure: true },
    { reason: "mechanical/jam" },
    { since: START - 1 },
    { lastEventAt: START - 2 },
    { product: "cola" },
    { order: "4711" },
    { idealCycleUs: 5_000_000 },
    { taktUs: 6_000_000 },
    {},
  ] as const;
  const machines = [];
  for (const [i, rest] of says.entries()) {
    pictures.take(liveRecord(FILLER, START + i, rest));
    const { machine } = await elementAt(pictures, FILLER, new Set());
    expect(machine).toEqual({
      ...briefElement(PLANT.model, pictures, scopeAt(FILLER), START).machine,
      lastEventAt: machine?.lastEventAt,
    });
    machines.push(JSON.stringify(machine));
  }
  expect(new Set(machines).size).toBe(says.length);
  // 10:00 in Berlin, when the break begins.
  const scheduled = async (minute: number) => {
    const { machine, shift } = await elementAt(pictures, FILLER, new Set(), START + minute * MINUTE);
    return [machine?.scheduled, shift?.nextBreak?.from];
  };
  expect(await scheduled(239)).toEqual([true, START + 240 * MINUTE]);
  expect(await scheduled(240)).toEqual([false, START + 240 * MINUTE]);
  expect(await scheduled(241)).toEqual([false, undefined]);
});

test("W-3: a machine whose record is overdue is unknown since its last record", async () => {
  const element = await elementAt(picturesAt(START + 2 * MINUTE), FILLER, new Set());
  expect(element.machine).toMatchObject({ state: "unknown", category: "unknown", since: START });
});

test("W-7: a brief has no windows, and its instant is rounded up to the minute", () => {
  const brief = briefElement(PLANT.model, picturesAt(START), scopeAt(FILLER), START);
  expect([brief.windows, brief.machine?.timeline, brief.machine?.lastEventAt]).toEqual([{}, [], START]);
});

test("a timeline begins with the shift and ends at the record's instant, as it goes on, changes and gets older", async () => {
  const pictures = picturesAt(START);
  const segment = (from: number, to: number, state: string): TimelineSegment => ({
    from: START + from * MINUTE,
    to: START + to * MINUTE,
    state,
    category: "production",
    minor: false,
    reason: 'a "quoted" one, "timeline":[]',
  });
  const timelineAt = async (minute: number): Promise<readonly (readonly [number, number, string])[]> => {
    pictures.take(liveRecord(FILLER, START + minute * MINUTE));
    const { machine } = await elementAt(pictures, FILLER, new Set(), START + minute * MINUTE);
    return (machine?.timeline ?? []).map(({ from, to, state }) => [
      (from - START) / MINUTE,
      (to - START) / MINUTE,
      state,
    ]);
  };
  const before = [segment(-90, -60, "a"), segment(-60, 10, "b"), segment(10, 20, "c"), segment(20, 21, "d")];
  expect(await timelineAt(1)).toEqual([]);
  pictures.take({ kind: "timeline", machine: FILLER, segments: before });
  const begun = [
    [0, 10, "b"],
    [10, 20, "c"],
  ];
  expect(await timelineAt(22)).toEqual([...begun, [20, 22, "d"]]);
  expect(await timelineAt(23)).toEqual([...begun, [20, 23, "d"]]);
  pictures.take({
    kind: "timeline",
    machine: FILLER,
    segments: [...before.slice(0, 3), segment(20, 24, "e"), segment(24, 24, "f")],
  });
  expect(await timelineAt(25)).toEqual([...begun, [20, 24, "e"], [24, 25, "f"]]);
  expect(await timelineAt(8 * 60 + 15)).toEqual([[8 * 60, 8 * 60 + 15, "f"]]);
  // After the last shift, which ends at 22:00, the last eight hours are shown.
  const evening = [segment(24, 500, "f"), segment(500, 510, "g"), segment(510, 520, "h"), segment(520, 600, "i")];
  pictures.take({ kind: "timeline", machine: FILLER, segments: evening });
  for (const minute of [16 * 60 + 15, 16 * 60 + 16]) {
    expect(await timelineAt(minute)).toEqual([
      [minute - 8 * 60, 500, "f"],
      [500, 510, "g"],
      [510, 520, "h"],
      [520, minute, "i"],
    ]);
  }
  expect(await timelineAt(16 * 60 + 22)).toEqual([
    [502, 510, "g"],
    [510, 520, "h"],
    [520, 16 * 60 + 22, "i"],
  ]);
});
