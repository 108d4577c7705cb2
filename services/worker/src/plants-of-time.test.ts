/** DI-3: a machine's time is computed by the plant file that its stored rows name, and by that of now where they name none. */
import { PlantModel } from "@oee/engine";
import type { Plant } from "@oee/model";
import type { PlantFile, PlantSpan } from "@oee/store";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import { CurrentPlant } from "./current-plant.ts";
import { MachineRunner } from "./machine-runner.ts";
import { PlantsOfTime } from "./plants-of-time.ts";
import { WORKER_DEFAULTS } from "./settings.ts";

const START = Date.UTC(2026, 2, 2, 6);
const MINUTE = 60_000;
const textOf = (cycle: number, name = "m"): string =>
  `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${name}: { idealCycleSeconds: ${cycle} } } } } } } } }\n`;
const [FIRST, SECOND, NOW, OTHER, FOURTH] = [textOf(1), textOf(2), textOf(3), textOf(4, "other"), textOf(4)].map(
  (text) => ({
    text,
    plant: plantFrom(text),
  }),
) as [Kept, Kept, Kept, Kept, Kept];

interface Kept {
  readonly text: string;
  readonly plant: Plant;
}

function plantsOf(spans: readonly PlantSpan[], kept: readonly Kept[]) {
  const current = new CurrentPlant(NOW.plant, WORKER_DEFAULTS);
  let read = 0;
  const files = new Map(kept.map(({ plant, text }) => [plant.version, text]));
  const store = {
    plantSpans: async () => spans,
    plantFile: async (version = ""): Promise<PlantFile | null> => {
      read++;
      const text = files.get(version);
      return text === undefined ? null : { version, loadedAt: START, text };
    },
  };
  const [machine] = NOW.plant.machines;
  if (machine === undefined) throw new Error("a machine was expected");
  const runner = new MachineRunner(current.model.machine(machine), 0, WORKER_DEFAULTS);
  const plants = new PlantsOfTime({ store, current, settings: WORKER_DEFAULTS });
  /** Ideal cycle (s) of each time with its first minute after the start; `null`: it has no beginning. */
  const times = async (of: MachineRunner = runner): Promise<readonly (readonly [number | null, number])[]> => {
    const found = await plants.timesOf(of);
    const last = found.at(-1);
    expect([found[0]?.from, last?.to, last?.version]).toEqual([-Infinity, Infinity, NOW.plant.version]);
    for (const [i, { to }] of found.slice(0, -1).entries()) expect(to).toBe(found[i + 1]?.from);
    const cycles: [number | null, number][] = [];
    for (const time of found) {
      const { model } = await plants.machineBy(of, time);
      expect(model.plant.version).toBe(time.version);
      const from = time.from === -Infinity ? null : (time.from - START) / MINUTE;
      cycles.push([from, (model.machine.idealCycleUs ?? 0) / 1e6]);
    }
    return cycles;
  };
  return { plants, times, runner, read: () => read };
}

const span = ({ plant: { version } }: Kept, from: number, to: number): PlantSpan => ({
  version,
  from: START + from * MINUTE,
  to: START + to * MINUTE,
});

test("DI-3: rows name the plant file of their time; the file of now has what came before the first and after the last", async () => {
  expect(await plantsOf([], []).times()).toEqual([[null, 3]]);
  expect(await plantsOf([span(NOW, 0, 5)], []).times()).toEqual([[null, 3]]);
  const all = [FIRST, SECOND];
  expect(await plantsOf([span(FIRST, 0, 5), span(SECOND, 5, 8)], all).times()).toEqual([
    [null, 3],
    [0, 1],
    [5, 2],
    [8, 3],
  ]);
  // A span that oee recompute restated.
  const restated = plantsOf([span(FIRST, 0, 5), span(NOW, 5, 6), span(FIRST, 7, 9), span(NOW, 9, 20)], all);
  expect(await restated.times()).toEqual([
    [null, 3],
    [0, 1],
    [5, 3],
    [7, 1],
    [9, 3],
  ]);
  expect(restated.read()).toBe(1);
  restated.plants.forget();
  await restated.times();
  expect(restated.read()).toBe(2);
});

test("DI-3: of many plant files only some are held at once, and each computes its time", async () => {
  const spans = [FIRST, SECOND, FOURTH, FIRST].map((file, i) => span(file, i, i + 1));
  const { times, read } = plantsOf(spans, [FIRST, SECOND, FOURTH]);
  expect(await times()).toEqual([
    [null, 3],
    [0, 1],
    [1, 2],
    [2, 4],
    [3, 1],
    [4, 3],
  ]);
  expect(read()).toBeGreaterThan(3);
});

test("DI-3: the file of now computes what a file made that is not kept, reads otherwise now, or lacks the machine", async () => {
  const spans = [span(FIRST, 0, 5), span(OTHER, 5, 8), span(SECOND, 8, 9)];
  // The text that is kept under the version of the first gives another version, and the second is not kept.
  const first = { plant: FIRST.plant, text: SECOND.text };
  expect(await plantsOf(spans, [first]).times()).toEqual([[null, 3]]);
  const { plants, runner } = plantsOf(spans, [OTHER]);
  const time = { from: START, to: Infinity, version: OTHER.plant.version };
  expect((await plants.machineBy(runner, time)).model).toBe(runner.model);
});

test("DI-3: after a change the file of now has the minutes that the live engine made, whether or not they are stored", async () => {
  const { times, runner } = plantsOf([span(FIRST, 0, 11)], [FIRST]);
  const model = new PlantModel(FIRST.plant).machine(FIRST.plant.machines[0] ?? never());
  const before = new MachineRunner(model, 0, WORKER_DEFAULTS);
  before.accept(
    { type: "state", machine: model.machine, at: START, id: null, state: "running", reason: null },
    0,
    START,
  );
  before.advance(START + 10 * MINUTE + 5_000);
  const snapshot = structuredClone(before.snapshot(1, 1));
  const changed = MachineRunner.restore(runner.model, 0, WORKER_DEFAULTS, snapshot, START + 60 * MINUTE);
  expect(await times(changed ?? never())).toEqual([
    [null, 3],
    [0, 1],
    [10, 3],
  ]);
});

function never(): never {
  throw new Error("something was expected");
}
