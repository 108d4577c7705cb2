/**
 * Long answers give way to live figures: each loop whose length depends on a request looks at its time slice after each unit of
 * work. The test counts instead of timing: the slice is always over here, so that no two units may be done in one go.
 */
import { type Element, type Plant, structureDocument, structureOf, type StopSegment, machinesIn } from "@oee/model";
import { bookOf, paretoOf, RecordedRefusals } from "@oee/review";
import type { Pareto, ParetoBar, Store } from "@oee/store";
import { GiveWay, Turnstile } from "@oee/pacing";
import type { ParetoElement } from "@oee/protocol";
import fastify from "fastify";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { plantOf, START, startGateway, openTestStore, MINUTE, HOUR, liveRecord } from "../test/gateway-fixture.ts";
import type { EntryLog } from "./review/entry-log.ts";
import { answerFrom } from "./review/fact-loader.ts";
import { PastPlants } from "./review/past-plants.ts";
import { liveElement } from "./live/live-element.ts";
import { MachinePictures } from "./live/machine-picture.ts";
import { PARETO } from "./tabular/columns.ts";
import { sendTable } from "./tabular/send-table.ts";
import { busy } from "./problems.ts";

const MACHINES = 300;
const PLANT = plantOf(
  [
    "enterprise: big",
    "timezone: Europe/Berlin",
    "calendars:",
    '  day: { shifts: [{ name: early, days: mon-fri, start: "06:00", end: "14:00" }] }',
    "sites:",
    "  s:",
    "    calendar: day",
    "    areas:",
    "      a:",
    "        lines:",
    "          l:",
    "            machines:",
    ...Array.from({ length: MACHINES }, (_, i) => `              m${i}: { idealCycleSeconds: 1 }`),
    "",
  ].join("\n"),
);

/** Units of work since other work last had the event loop, and the most there ever were. */
let units = 0;
let most = 0;
let turns = 0;

function unit<T>(value: T): T {
  most = Math.max(most, ++units);
  return value;
}

beforeEach(() => {
  units = most = turns = 0;
  vi.spyOn(GiveWay.prototype, "due", "get").mockReturnValue(true);
  vi.spyOn(GiveWay.prototype, "now").mockImplementation(async () => {
    units = 0;
    turns++;
  });
});
afterEach(() => vi.restoreAllMocks());

test.each(["json", "csv", "arrow"] as const)("a table is written as %s record by record", async (format) => {
  const bar = {
    name: null,
    time: 1,
    count: 1,
    cost: null,
    minorTime: 0,
    minorCount: 0,
    share: null,
    cumulative: null,
    currency: null,
  };
  const records = Array.from({ length: 2_000 }, (_, i): ParetoElement => ({ ...bar, key: String(i) }));
  let made = 0;
  const app = fastify();
  const layout = {
    json: (record: ParetoElement) => unit(record),
    columns: PARETO.columns.map((column) =>
      column.name === "key" ? { ...column, of: (record: ParetoElement) => unit((made++, record.key)) } : column,
    ) as typeof PARETO.columns,
  };
  app.get("/", (_, reply) => sendTable(reply, format, [records], layout, { reflects: 0, from: 0, to: 1 }));
  const { rawPayload } = await app.inject("/");
  expect(rawPayload.length).toBeGreaterThan(2_000);
  // A batch of Arrow, 512 records, is made in one go.
  expect(most).toBeLessThanOrEqual(format === "arrow" ? 512 : 1);
  expect(turns).toBeGreaterThanOrEqual(2_000);
  if (format !== "json") expect(made).toBe(2_000);
  await app.close();
});

test("the Pareto of many stops is summed stop by stop, and decades of a calendar piece by piece", async () => {
  const bars = Array.from(
    { length: 1_000 },
    (_, i): ParetoBar => ({
      get reason() {
        return unit(`r${i}`);
      },
      state: null,
      machine: `s/a/l/m${i % MACHINES}`,
      minor: false,
      segments: 1,
      scheduledDurationMs: 1n,
    }),
  );
  const crossing = Array.from({ length: MACHINES }, (_, i) =>
    crossingStop(`s/a/l/m${i}`, START - 20 * 365 * 24 * HOUR),
  );
  const store = { pareto: async (): Promise<Pareto> => ({ bars, crossing }) } as unknown as Store;
  const { signal } = new AbortController();
  const refusals = new RecordedRefusals();
  const sources = { store, turnstile: new Turnstile(1, 1, busy), recordOf: () => null, signal, refusals };
  const scope = PLANT.plant.scopes.get("*");
  if (scope === undefined) throw new Error("the plant has no root");
  const known = vi.spyOn(PLANT.model, "machine");
  const by = { by: "reason", depth: null, measure: "time" } as const;
  const answer = await answerFrom(sources, PLANT.model, START, (facts) =>
    paretoOf(facts, machinesIn(scope, { from: 0, to: START }), by),
  );
  expect(answer.length).toBe(1_001);
  expect(most).toBe(1);
  // 20 years are computed in pieces of 64 days for each machine.
  expect(turns).toBeGreaterThan(MACHINES * 100);
  expect(known).not.toHaveBeenCalled();
});

test("RV-1: the rules of the review run part by part; a part that lacked facts is made again once they are read", async () => {
  const PARTS = 50;
  const [first] = PLANT.plant.machines;
  if (first === undefined) throw new Error("the plant has no machine");
  const raw = JSON.stringify({
    type: "correction",
    machine: first.id,
    id: "c",
    at: START,
    from: START - HOUR,
    to: START,
    reason: "jam",
  });
  let read = 0;
  const corrections = async (): Promise<readonly { readonly raw: string }[]> => (read++, [{ raw }]);
  const store = { corrections } as unknown as Store;
  const { signal } = new AbortController();
  const refusals = new RecordedRefusals();
  const sources = { store, turnstile: new Turnstile(1, 1, busy), recordOf: () => null, signal, refusals };
  const made = new Map<number, number>();
  const lacks = (i: number): boolean => i % 10 === 0 || i % 10 === 5;
  const answer = await answerFrom(sources, PLANT.model, START, (facts) => {
    const partOf = (i: number): unknown =>
      facts.part(`part ${i}`, () => {
        made.set(i, (made.get(i) ?? 0) + 1);
        // Some parts use another part that lacked facts.
        if (i % 10 === 5) return unit(partOf(i - 5));
        return unit(i % 10 === 0 ? facts.correctionsOf(first).map(({ id }) => id) : i);
      });
    return Array.from({ length: PARTS }, (_, i) => partOf(i));
  });
  expect(answer).toEqual(Array.from({ length: PARTS }, (_, i) => (lacks(i) ? ["c"] : i)));
  expect([most, read]).toEqual([1, 1]);
  expect(turns).toBeGreaterThanOrEqual(PARTS);
  // Parts that lacked facts are made twice, all others once.
  expect([...made].map(([i, times]) => times - Number(lacks(i)))).toEqual(Array.from({ length: PARTS }, () => 1));
});

function crossingStop(machine: string, from: number): StopSegment {
  const none = { shift: null, shiftDate: null, crew: null, product: null, correctedBy: null, open: false };
  const kind = { state: "down", reason: null, category: "unplannedStop", failure: true, minor: false } as const;
  return {
    machine,
    stop: `${machine}@${from}`,
    from,
    to: START,
    duration: START - from,
    scheduledDuration: 0,
    ...kind,
    ...none,
  };
}

test("RV-2: the policies of plant files are compared machine by machine; a file of the past is parsed elsewhere", async () => {
  const FORMER = "2026-01-01T00:00:00Z";
  const scope = PLANT.plant.scopes.get("*");
  if (scope === undefined) throw new Error("the plant has no root");
  const store = {
    plantVersions: async () => [{ version: FORMER, from: START - HOUR }],
    plantFile: async () => ({ text: "enterprise: former", loadedAt: 1 }),
  } as unknown as Store;
  const former = plantOf(
    "enterprise: former\nsites: { s: { areas: { a: { lines: { l: { machines: { m0: { idealCycleSeconds: null } } } } } } } }\n",
  );
  const parsed: string[] = [];
  const parsePlant = async (text: string): Promise<Plant> => (parsed.push(text), former.plant);
  const { signal } = new AbortController();
  const turnstile = new Turnstile(1, 1, busy);
  const sources = { store, turnstile, recordOf: () => null, signal, refusals: new RecordedRefusals(), parsePlant };
  const period = { from: START - HOUR, to: START };
  const [file] = await answerFrom(sources, PLANT.model, START, (facts) => facts.plantFilesOf(scope, period));
  expect(file).toMatchObject({ version: FORMER, idealCycles: { machines: new Map([["s/a/l/m0", null]]) } });
  expect(parsed).toEqual(["enterprise: former"]);
  // A turn for each machine and each of its settings.
  expect(turns).toBeGreaterThan(MACHINES + 6 * (MACHINES / 100));
});

test("DI-3: the plant with its past is made scope by scope, once for all who ask meanwhile", async () => {
  const before = plantOf(
    "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m0: { idealCycleSeconds: null } } } } } } } }\n",
  );
  const structures = [before, PLANT].map(({ plant }, i) => ({
    ...{ type: "structure", id: "plant", rev: i + 1, from: START + i * HOUR, plant: plant.version },
    lines: structureDocument(structureOf(plant)),
  }));
  const book = bookOf(PLANT.plant, structures, ["structure"]);
  expect(book.structures().length).toBe(2);
  const pasts = new PastPlants({ programmeOf: async () => ({ programme: { book } }) } as unknown as EntryLog);
  const [first, second] = await Promise.all([pasts.of(PLANT), pasts.of(PLANT)]);
  expect(first.plant.scopes.get("*")?.past?.epochs.map(({ machines }) => machines.length)).toEqual([1, MACHINES]);
  expect([second === first, (await pasts.of(PLANT)) === first]).toEqual([true, true]);
  // Its scopes are copied, and then given their past.
  expect(turns).toBeGreaterThan(2 * MACHINES);
});

test("the live figures of a scope of many machines are summed machine by machine", async () => {
  const pictures = new MachinePictures(PLANT.model, () => START, MINUTE);
  const scope = PLANT.plant.scopes.get("s/a/l");
  if (scope === undefined) throw new Error("the plant has no line");
  for (const { id } of PLANT.plant.machines) pictures.take(liveRecord(id, START));
  const of = pictures.of.bind(pictures);
  vi.spyOn(pictures, "of").mockImplementation((machine) => unit(of(machine)));
  const attention = { needsReason: null, alerts: [] };
  await liveElement(PLANT.model, pictures, scope, new Set(["1h"]), START, new GiveWay(), attention);
  expect([most, turns]).toEqual([1, MACHINES]);
});

test("GET /plant, /live and /losses give way for each scope", async () => {
  const { store, close } = await openTestStore();
  const gateway = await startGateway(store, { plant: () => PLANT });
  const turnsOf = async (path: string): Promise<number> => {
    turns = 0;
    const response = await fetch(`${gateway.url}/api/v1${path}`);
    expect([path, response.status]).toEqual([path, 200]);
    expect(((await response.json()) as { scopes?: unknown[] } | Element[]) !== null).toBe(true);
    return turns;
  };
  expect(await turnsOf("/plant")).toBeGreaterThanOrEqual(MACHINES);
  expect(await turnsOf("/live?scope=*")).toBeGreaterThanOrEqual(MACHINES);
  expect(await turnsOf(`/losses?from=${START}&to=${START + HOUR}`)).toBeGreaterThanOrEqual(2 * MACHINES);
  await gateway.close();
  await close();
});
