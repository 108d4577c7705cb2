/** The past of a simulated plant is sent in pieces: newest weeks first, each piece once, also over a restart, then the entries. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppendRecord, EventLog, Topics } from "@oee/event-log";
import { parsePlant, type Plant } from "@oee/model";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import { fillPast, type SimulatedPast, type SimulatedPastOptions } from "./simulated-past.ts";

const DAY_MS = 86_400_000;
const TO = Date.parse("2026-11-01T00:00:00Z");
const folder = mkdtempSync(join(tmpdir(), "oee-past-"));
afterAll(() => rmSync(folder, { recursive: true }));

function plantOfTwoLines(): Plant {
  const line = "{ machines: { m: { idealCycleSeconds: 60 } } }";
  const text = `enterprise: acme\ntimezone: UTC\nstaleAfter: 1h\nsites: { s: { areas: { a: { lines: { l1: ${line}, l2: ${line} } } } } }\n`;
  const result = parsePlant(text, "plant.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plant;
}

interface Told {
  readonly machine: string;
  readonly at: number;
}

function options(told: Told[], entered: unknown[], more: Partial<SimulatedPastOptions> = {}): SimulatedPastOptions {
  const append = async (_topic: string, records: readonly AppendRecord[]): Promise<void> => {
    for (const { value } of records) {
      const event = JSON.parse(Buffer.from(value ?? []).toString("utf8")) as { machine: string; at: string | number };
      told.push({ machine: event.machine, at: new Date(event.at).getTime() });
    }
  };
  return {
    plant: plantOfTwoLines(),
    seed: "1",
    story: null,
    entries: [{ type: "target", id: "t" }],
    data: folder,
    log: { append } as unknown as EventLog,
    topics: { events: { name: "oee.events" } } as unknown as Topics,
    logger: pino({ level: "silent" }),
    behind: () => ({ lag: 0, toRecompute: 0 }),
    enter: async (entry) => {
      entered.push(entry);
      return { status: 202, text: "" };
    },
    leave: async () => undefined,
    ...more,
  };
}

/** Waits until all is there; returns which steps were told, in order. */
async function stepsOf({ note }: SimulatedPast): Promise<readonly string[]> {
  const codes = new Set<string>();
  for (let told = note(); told !== null; told = note()) {
    codes.add(told.progress.code);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return [...codes];
}

test("the newest five weeks of all lines are sent first, then older ones; entries when all is computed", async () => {
  const told: Told[] = [];
  const entered: unknown[] = [];
  const restate = async (from: number): Promise<void> => {
    entered.push({ restatedFrom: from, sent: told.length });
  };
  const past = fillPast({ from: TO - 40 * DAY_MS, to: TO }, options(told, entered, { restate }));
  if (past === null) return expect.unreachable("there is a past");
  // Screens have words for each step.
  expect(await stepsOf(past)).toEqual(expect.arrayContaining(["simulated-past", "simulated-past-computing"]));
  const order = told.reduce<string[]>((pieces, { machine, at }) => {
    const piece = `${machine} ${at >= TO - 35 * DAY_MS ? "new" : "old"}`;
    return pieces.at(-1) === piece ? pieces : [...pieces, piece];
  }, []);
  expect(order).toEqual(["s/a/l1/m new", "s/a/l2/m new", "s/a/l1/m old", "s/a/l2/m old"]);
  expect(Math.min(...told.map(({ at }) => at))).toBeGreaterThanOrEqual(TO - 40 * DAY_MS);
  expect(Math.max(...told.map(({ at }) => at))).toBeLessThan(TO);
  // DI-3: its first months are computed by the plant file of then when all is sent, and before entries freeze figures.
  expect(entered).toEqual([
    { restatedFrom: TO - 40 * DAY_MS, sent: told.length },
    { type: "target", id: "t" },
  ]);
  // All pieces were sent, so the next start has nothing to do.
  expect(fillPast(null, options([], []))).toBeNull();
});

test("a restart goes on with the pieces that were not begun", async () => {
  const note = { from: TO - 40 * DAY_MS, to: TO, begun: 3, restated: true, entered: false };
  writeFileSync(join(folder, "simulated-past.json"), JSON.stringify(note));
  const told: Told[] = [];
  const restate = (): Promise<never> => Promise.reject(new Error("it was computed before"));
  const past = fillPast(null, options(told, [], { restate }));
  if (past === null) return expect.unreachable("there is more to do");
  await stepsOf(past);
  expect(new Set(told.map(({ machine }) => machine))).toEqual(new Set(["s/a/l2/m"]));
  expect(Math.max(...told.map(({ at }) => at))).toBeLessThan(TO - 35 * DAY_MS);
  expect(JSON.parse(readFileSync(join(folder, "simulated-past.json"), "utf8"))).toMatchObject({
    begun: 4,
    restated: true,
    entered: true,
  });
});

test("a data folder in which no past was begun has none to go on with", () => {
  expect(fillPast(null, options([], [], { data: join(folder, "none") }))).toBeNull();
});
