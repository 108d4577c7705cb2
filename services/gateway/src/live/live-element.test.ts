import { GiveWay } from "@oee/pacing";
import { expect, test } from "vitest";
import { FILLER, LABELLER, liveRecord, liveWindow, MINUTE, PLANT, START } from "../../test/gateway-fixture.ts";
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

test("EQ-3: a line's window is that of its constraint; a machine has its state, shift and next break", async () => {
  const pictures = picturesAt(START + 1_000, { reason: "mechanical/jam", product: "cola" });
  const wanted = new Set(["1h"]);
  const line = await liveElement(
    PLANT.model,
    pictures,
    scopeAt("berlin/packing/l1"),
    wanted,
    START,
    new GiveWay(),
    NONE,
  );
  expect(line.machine).toBeNull();
  expect(line.windows["1h"]).toMatchObject({ ...{ from: HOUR.from, to: HOUR.to }, kpis: { availability: 0.75 } });
  const own = await liveElement(PLANT.model, pictures, scopeAt(FILLER), wanted, START, new GiveWay(), NONE);
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

test("W-3: a machine whose record is overdue is unknown since its last record", async () => {
  const element = await liveElement(
    PLANT.model,
    picturesAt(START + 2 * MINUTE),
    scopeAt(FILLER),
    new Set(),
    START,
    new GiveWay(),
    NONE,
  );
  expect(element.machine).toMatchObject({ state: "unknown", category: "unknown", since: START });
});

test("W-7: a brief has no windows, and its instant is rounded up to the minute", () => {
  const brief = briefElement(PLANT.model, picturesAt(START), scopeAt(FILLER), START);
  expect([brief.windows, brief.machine?.timeline, brief.machine?.lastEventAt]).toEqual([{}, [], START]);
});
