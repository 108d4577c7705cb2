/**
 * DI-3: the machines that stand for a scope are those that did when its rows were written. Where the structure of a plant changed
 * half-way, answers are those of the former plant for the first half, and those of the present plant for the second.
 */
import { plantWithPast, structureDocument, structureEpochs, structureOf } from "@oee/model";
import type { Store } from "@oee/store";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  FILLER,
  HOUR,
  LABELLER,
  openTestStore,
  PLANT,
  PLANT_TEXT,
  plantOf,
  SAW,
  START,
  someEvents,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../test/gateway-fixture.ts";

const CHANGE = START + 4 * HOUR;
const END = START + 8 * HOUR;
const L1 = "berlin/packing/l1";
const L2 = "berlin/packing/l2";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const saw = [5, 90, 280].map((minutes) => ({
    machine: SAW,
    at: START + minutes * 60_000,
    type: "state",
    state: minutes === 90 ? "down" : "running",
  }));
  await storeHistory(store, [...someEvents(), ...saw], END, 1n);
});
afterAll(async () => closeStore());
afterEach(() => gateway.close());

type Json = Readonly<Record<string, unknown>>;

async function get<T = Json[]>(path: string, query: Json, from = START, to = END): Promise<T> {
  const period = "period" in query ? {} : { from: String(from), to: String(to) };
  const asked = new URLSearchParams({ ...period, ...(query as Record<string, string>) });
  const answer = await fetch(`${gateway.url}/api/v1${path}?${asked.toString()}`);
  const body = (await answer.json()) as T;
  expect(answer.status, JSON.stringify(body)).toBe(200);
  return body;
}

/** Starts a gateway with the present plant, in whose log the structure changed to it at an instant. */
async function changed(text: string, before = PLANT, at = CHANGE): Promise<void> {
  gateway = await startGateway(store);
  const entry = (rev: number, from: number, plant: typeof PLANT): object => ({
    ...{ type: "structure", id: "plant", rev, from, plant: plant.plant.version },
    lines: structureDocument(structureOf(plant.plant)),
  });
  const now = plantOf(text);
  const values = [entry(1, START, before), entry(2, at, now)].map((value) => Buffer.from(JSON.stringify(value)));
  await gateway.log.append(
    gateway.topics.entries.name,
    values.map((value) => ({ key: "structure/plant", value })),
  );
  gateway.plant = now;
}

/** Asks a gateway whose log has no change of structure. */
async function without<T>(text: string, ask: () => Promise<T>): Promise<T> {
  const [kept] = [gateway];
  gateway = await startGateway(store);
  gateway.plant = plantOf(text);
  try {
    return await ask();
  } finally {
    await gateway.close();
    gateway = kept;
  }
}

const OTHER_CONSTRAINT = PLANT_TEXT.replace("constraint: filler", "constraint: labeller").replace(
  "labeller: { idealCycleSeconds: null }",
  "labeller: { idealCycleSeconds: 3 }",
);

test("DI-3, EQ-3: a line's new constraint counts from the plant file's load on: earlier KPIs, losses, Pareto and shifts stay", async () => {
  await changed(OTHER_CONSTRAINT);
  const line = { scope: L1, by: "line" };
  for (const path of ["/kpis", "/losses"]) {
    const [before, after] = [await get(path, line, START, CHANGE), await get(path, line, CHANGE, END)];
    expect(before).toEqual(await without(PLANT_TEXT, () => get(path, line, START, CHANGE)));
    expect(after).toEqual(await without(OTHER_CONSTRAINT, () => get(path, line, CHANGE, END)));
    expect(before).not.toEqual(await without(OTHER_CONSTRAINT, () => get(path, line, START, CHANGE)));
  }
  const hours = await get("/kpis", { ...line, every: "hour" });
  expect(hours.slice(0, 4)).toEqual(
    await without(PLANT_TEXT, () => get("/kpis", { ...line, every: "hour" }, START, CHANGE)),
  );
  expect(hours.slice(4)).toEqual(
    await without(OTHER_CONSTRAINT, () => get("/kpis", { ...line, every: "hour" }, CHANGE, END)),
  );
  const sum = (elements: readonly Json[], name: string): number =>
    elements.reduce((all, { components }) => all + Number((components as Json)[name]), 0);
  const [whole] = [await get("/kpis", line)];
  const [shift] = [await get("/kpis", { ...line, every: "shift" })];
  for (const name of ["runTime", "unplannedStopTime", "goodCount", "idealTime", "stopCount"]) {
    expect(sum(whole, name), name).toBe(sum(hours, name));
    expect(sum(shift, name), name).toBe(sum(hours, name));
  }
  const pareto = { scope: L1, by: "machine", machines: "kpi" };
  const bars = await get("/pareto", pareto);
  expect(new Set(bars.map(({ key }) => key))).toEqual(new Set([FILLER, LABELLER]));
  expect(await get("/pareto", pareto, START, CHANGE)).toEqual(
    await without(PLANT_TEXT, () => get("/pareto", pareto, START, CHANGE)),
  );
  expect(bars.reduce((all, { time }) => all + Number(time), 0)).toBe(sum(whole, "unplannedStopTime"));
});

const RETIRED = PLANT_TEXT.replace(/ {10}l2:\n.*\n.*\n.*\n/, "");

test("DI-3: a line that was removed can still be asked for, and the scopes above it keep their figures", async () => {
  await changed(RETIRED);
  expect(gateway.plant.plant.scopes.has(L2)).toBe(false);
  for (const by of ["area", "line", "machine", "product"]) {
    const asked = { scope: "berlin/packing", by };
    expect(await get("/kpis", asked, START, CHANGE)).toEqual(
      await without(PLANT_TEXT, () => get("/kpis", asked, START, CHANGE)),
    );
    expect(await get("/kpis", asked, CHANGE, END)).toEqual(
      await without(RETIRED, () => get("/kpis", asked, CHANGE, END)),
    );
  }
  for (const scope of [L2, SAW]) {
    expect(await get("/stops", { scope }, START, CHANGE)).toEqual(
      await without(PLANT_TEXT, () => get("/stops", { scope }, START, CHANGE)),
    );
    const by = scope === L2 ? "line" : "machine";
    expect(await get("/kpis", { scope, by }, START, CHANGE)).toEqual(
      await without(PLANT_TEXT, () => get("/kpis", { scope, by }, START, CHANGE)),
    );
  }
  const missing = await get("/reasons/missing", { scope: L2 }, START, CHANGE);
  expect(missing.length).toBeGreaterThan(0);
  expect(missing).toEqual(await without(PLANT_TEXT, () => get("/reasons/missing", { scope: L2 }, START, CHANGE)));
  const events = { machine: SAW };
  expect(await get("/events", events, START, CHANGE)).toEqual(
    await without(PLANT_TEXT, () => get("/events", events, START, CHANGE)),
  );
  const plant = (await (await fetch(`${gateway.url}/api/v1/plant`)).json()) as { scopes: { path: string }[] };
  expect(plant.scopes.some(({ path }) => path === L2)).toBe(false);
});

const MOVED = PLANT_TEXT.replace(/ {14}saw: .*\n/, "")
  .replace(
    "              labeller:",
    `              saw: { idealCycleSeconds: 2, costPerHour: 60, formerly: ${SAW} }\n              labeller:`,
  )
  .replace("            constraint: filler\n", "");

test("DI-3: when a machine moves, the old line keeps its past, the new line has it from then on, and the machine has all of it", async () => {
  await changed(MOVED);
  for (const by of ["line", "machine"]) {
    for (const scope of [L1, L2]) {
      const [before] = [await get("/kpis", { scope, by }, START, CHANGE)];
      const expected = await without(PLANT_TEXT, () => get("/kpis", { scope, by }, START, CHANGE));
      const renamed = expected.map((one) => (one["scope"] === SAW ? { ...one, scope: `${L1}/saw` } : one));
      expect(before).toEqual(renamed.sort((a, b) => (String(a["scope"]) < String(b["scope"]) ? -1 : 1)));
      expect(await get("/kpis", { scope, by }, CHANGE, END)).toEqual(
        await without(MOVED, () => get("/kpis", { scope, by }, CHANGE, END)),
      );
    }
  }
  const [whole] = await get("/kpis", { scope: `${L1}/saw`, by: "machine" });
  const [before] = await without(PLANT_TEXT, () => get("/kpis", { scope: SAW, by: "machine" }));
  expect(whole).toEqual({ ...before, scope: `${L1}/saw` });
  const missingOf = async (scope: string): Promise<ReadonlySet<unknown>> =>
    new Set((await get("/reasons/missing", { scope }, START, CHANGE)).map(({ machine }) => machine));
  expect(await missingOf(L2)).toContain(`${L1}/saw`);
  expect(await missingOf(L1)).not.toContain(`${L1}/saw`);
  // The machines of a line, each for the time in which it was there, add up to the line.
  const runTimeOf = async (by: string): Promise<number> =>
    (await get("/kpis", { scope: L2, by })).reduce(
      (all, one) => all + Number((one["components"] as Json)["runTime"]),
      0,
    );
  expect(await runTimeOf("machine")).toBe(await runTimeOf("line"));
});

test("DI-3: a machine that is added has no unknown time before it came, nor have the scopes above it", async () => {
  const added = PLANT_TEXT.replace("saw: {", "drill: { idealCycleSeconds: 4 }\n              saw: {");
  await changed(added);
  for (const asked of [
    { scope: L2, by: "line" },
    { scope: L2, by: "machine" },
    { scope: "*", by: "enterprise" },
  ]) {
    expect(await get("/kpis", asked, START, CHANGE)).toEqual(
      await without(PLANT_TEXT, () => get("/kpis", asked, START, CHANGE)),
    );
  }
  const review = { scope: L2, period: "2026-03-02" };
  const { scorecard } = await get<{ scorecard: { coverage: number } }>("/review", review);
  const old = await without(PLANT_TEXT, () => get<{ scorecard: { coverage: number } }>("/review", review));
  const new_ = await without(added, () => get<{ scorecard: { coverage: number } }>("/review", review));
  expect(scorecard.coverage).toBeGreaterThan(new_.scorecard.coverage);
  expect(scorecard.coverage).toBeLessThan(old.scorecard.coverage);
});

test("DI-3, RV-1: the review of an earlier day is unchanged but for its trend", async () => {
  await changed(OTHER_CONSTRAINT, PLANT, Date.UTC(2026, 2, 3));
  const asked = { scope: L1, period: "2026-03-02" };
  gateway.now = Date.UTC(2026, 2, 4);
  const now = await get<Json>("/review", asked);
  const before = await without(PLANT_TEXT, async () => {
    gateway.now = Date.UTC(2026, 2, 4);
    return get<Json>("/review", asked);
  });
  expect({ ...now, trend: null }).toEqual({ ...before, trend: null });
});

test("DI-3: a malformed structure is refused with what is wrong with it", async () => {
  gateway = await startGateway(store);
  const refused = async (more: object): Promise<string> => {
    const entry = { type: "structure", id: "x", rev: 1, from: START, lines: { [L1]: { rated: ["filler"] } }, ...more };
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(entry);
    const answer = await fetch(`${gateway.url}/api/v1/entries`, { method: "POST", headers, body });
    return `${answer.status} ${((await answer.json()) as { detail?: string }).detail ?? ""}`;
  };
  expect(await refused({ from: null })).toContain("422 from: expected an instant");
  expect(await refused({ to: START })).toContain("422 to: expected an instant after from");
  expect(await refused({ lines: {} })).toContain("422 lines: expected at least one line");
  expect(await refused({ lines: { l1: { rated: [] } } })).toContain('site/area/line, found "l1"');
  expect(await refused({ lines: { [L1]: { rated: ["filler", "filler"] } } })).toContain(`found ${FILLER} again`);
  expect(await refused({ lines: { [L1]: { rated: ["filler"], constraint: "x" } } })).toContain(`${L1}.constraint`);
  expect(await refused({ lines: { [L1]: { rated: ["filler"], ids: { filler: "x" } } } })).toContain(`${L1}.ids`);
  expect(await refused({ withdrawn: true })).toContain("422 withdrawn");
  expect(await refused({})).toBe("202 ");
});

test("DI-3: a plant whose structure never changed is used as it is", () => {
  const structure = structureOf(PLANT.plant);
  const change = { from: START, to: Infinity, scope: "*", structure };
  expect(plantWithPast(PLANT.plant, structureEpochs([change, change]))).toBe(PLANT.plant);
});
