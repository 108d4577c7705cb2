import { readFileSync } from "node:fs";
import { type Plant, parsePlant, resolveReason } from "@oee/model";
import { describe, expect, it } from "vitest";
import { demoEntries, demoStory } from "./demo-story.ts";
import { PlantSimulation, type PlantSimulationOptions } from "./plant-simulation.ts";
import { MachineStory, NO_STORY, type Story } from "./story.ts";
import { instantOfEvent, type WireEvent } from "./wire-event.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM = Date.parse("2026-03-02T00:00:00Z");
const DEMO = demoPlant();
const CANS = "koeln/filling/cans";

function demoPlant(): Plant {
  const result = parsePlant(readFileSync(new URL("../plants/demo.yaml", import.meta.url), "utf8"), "demo.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plant;
}

function simulated(options: Partial<PlantSimulationOptions>): WireEvent[] {
  const simulation = new PlantSimulation(DEMO, { seed: 3, from: FROM, scope: CANS, stepSeconds: 5, ...options });
  return [...simulation.nextUntil(FROM + 2 * DAY_MS)];
}

const story = (more: Partial<Story>): Story => ({ ...NO_STORY, ...more });
const reasonsIn = (events: readonly WireEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === "state" && event.reason !== undefined ? [event.reason] : []));

describe("a story", () => {
  it("gives a machine the chapters at and above it, while they last; growing ones in parts", () => {
    const chapters = [
      { scope: "a/b", from: 0, to: 100, failureLife: 0.5, grows: true },
      { scope: "a/b/m", from: 50, to: 100, speed: 0.9, vague: 0.3 },
      { scope: "a/bc", from: 0, to: 100, speed: 0 },
    ];
    const machine = new MachineStory(story({ chapters }), "a/b/m");
    expect(machine.factorsAt(0)).toMatchObject({ failureLife: 1, speed: 1, vague: 0 });
    expect(machine.factorsAt(50)).toMatchObject({ failureLife: 0.75, speed: 0.9, vague: 0.3 });
    expect(machine.factorsAt(100)).toMatchObject({ failureLife: 1, speed: 1, vague: 0 });
  });

  it("tells an incident once, and none of days before the first look", () => {
    const incident = { machine: "m", at: 10 * DAY_MS, minutes: 90, reason: "r" };
    const machine = new MachineStory(story({ incidents: [{ ...incident, at: 0 }, incident] }), "m");
    expect(machine.takeIncident(9 * DAY_MS)).toBeNull();
    expect(machine.takeIncident(10 * DAY_MS)).toEqual(incident);
    expect(machine.takeIncident(10 * DAY_MS + 1)).toBeNull();
  });
});

describe("a simulation with a story", () => {
  it("is the same without one, and of one line as beside the others", () => {
    const own = JSON.stringify(simulated({}));
    expect(JSON.stringify(simulated({ story: NO_STORY }))).toBe(own);
    const all = [...new PlantSimulation(DEMO, { seed: 3, from: FROM, stepSeconds: 5 }).nextUntil(FROM + 4 * HOUR_MS)];
    const beside = all.filter(({ machine }) => machine.startsWith(`${CANS}/`));
    const alone = simulated({}).filter((event) => instantOfEvent(event) < FROM + 4 * HOUR_MS);
    expect(JSON.stringify(beside)).toBe(JSON.stringify(alone));
  });

  it("has breakdowns more often, reasons that say nothing, an incident, and a counter that begins anew", () => {
    const filler = `${CANS}/filler`;
    const downs = (events: readonly WireEvent[]): number =>
      reasonsIn(events).filter((reason) => /^(mechanical|electrical)/.test(reason)).length;
    const usual = simulated({});
    const worse = simulated({
      story: story({
        chapters: [{ scope: CANS, from: 0, to: Infinity, failureLife: 0.1 }],
        incidents: [{ machine: filler, at: FROM + 30 * HOUR_MS, minutes: 100, reason: "electrical/safety-circuit" }],
      }),
    });
    expect(downs(worse)).toBeGreaterThan(2 * downs(usual));
    const told = worse.filter(
      (event) => event.type === "state" && event.reason === "electrical/safety-circuit" && event.machine === filler,
    );
    expect(told.length).toBeGreaterThan(0);
    const vague = simulated({ story: story({ chapters: [{ scope: CANS, from: 0, to: Infinity, vague: 1 }] }) });
    expect(reasonsIn(usual)).not.toContain("other");
    expect(reasonsIn(vague)).toContain("other");
    expect(downs(vague)).toBe(0);
  });

  it("a machine that waits gives the reason itself, where the plant's tree has one for that", () => {
    const waits = simulated({}).flatMap((event) =>
      event.type === "state" && /starved|blocked/.test(event.reason ?? "") ? [event.reason] : [],
    );
    expect(new Set(waits)).toEqual(new Set(["material/starved", "material/blocked"]));
  });
});

it("the demo's story and its entries speak of scopes, machines and reasons that the demo plant has", () => {
  const end = Date.parse("2026-11-28T09:00:00Z");
  const { chapters, incidents, countersReplaced } = demoStory(end);
  for (const { scope } of chapters) expect(DEMO.scopes.has(scope), scope).toBe(true);
  for (const { machine } of [...incidents, ...countersReplaced]) expect(DEMO.machineById.has(machine)).toBe(true);
  for (const { reason } of incidents) expect(() => resolveReason(DEMO.reasons, reason)).not.toThrow();
  const tuesday = incidents.find(({ machine }) => machine === "koeln/filling/pet/filler")?.at ?? 0;
  expect(new Date(tuesday).toISOString()).toMatch(/^2026-11-24T/);
  for (const entry of demoEntries(end)) {
    const named = [entry["scope"], entry["scopes"], entry["controls"]].flat();
    const scopes = named.flatMap((scope) => (typeof scope === "string" ? [scope] : []));
    expect(scopes.length).toBeGreaterThan(0);
    expect(scopes.filter((scope) => !DEMO.scopes.has(scope))).toEqual([]);
  }
});
