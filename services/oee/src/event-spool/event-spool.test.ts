import type { ReportQuery } from "@oee/answers";
import { MachineHistory, PlantModel } from "@oee/engine";
import { Replay } from "../replay.ts";
import { parsePlant, type Plant, type PlantEvent, type Scope } from "@oee/model";
import { describe, expect, it, onTestFinished } from "vitest";
import { EventSpool } from "./event-spool.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 2, 2);

function plantOf(machines: number): Plant {
  const lines = Array.from({ length: machines }, (_, i) => `m${i}: { idealCycleSeconds: 1, rolloverAt: 1000 }`);
  const yaml = `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${lines.join(", ")} } } } } } } }`;
  const result = parsePlant(yaml, "plant.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plant;
}

function enterpriseOf(plant: Plant): Scope {
  const scope = plant.scopes.get("*");
  if (scope === undefined) throw new Error("no enterprise");
  return scope;
}

/** Events of every type, with small and large numbers, of all machines in turn, some out of order, some with ids that come twice. */
function eventsOf(plant: Plant, rounds: number): PlantEvent[] {
  const events: PlantEvent[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const machine of plant.machines) {
      const at = START + round * MINUTE_MS - (round % 7 === 3 ? 3 * MINUTE_MS : 0);
      const id = round % 5 === 0 ? `${machine.id} ${round - (round % 10)}` : null;
      const base = { machine, at, id };
      switch (round % 6) {
        case 0:
          events.push({ ...base, type: "state", state: round % 4 === 0 ? "running" : "down", reason: null });
          break;
        case 1:
          events.push({ ...base, type: "state", state: "idle", reason: `jam/${round % 3}` });
          break;
        case 2:
          events.push({
            ...base,
            type: "count",
            good: 12,
            scrap: round === 2 ? -3 : null,
            rework: null,
            startup: true,
            product: round % 4 === 2 ? "p1" : null,
            order: null,
          });
          break;
        case 3:
          events.push({
            ...base,
            type: "total",
            good: (round * 100) % 1000,
            scrap: null,
            rework: 7,
            produced: round % 4 === 3 ? (round * 110) % 1000 : null,
            startup: false,
            product: round % 8 === 3 ? "p2" : null,
            order: null,
          });
          break;
        case 4:
          events.push({
            ...base,
            type: "count",
            good: 3_000_000_000,
            scrap: 1,
            rework: 2,
            startup: false,
            product: null,
            order: null,
          });
          break;
        default:
          if (round % 60 !== 11) {
            events.push({
              ...base,
              type: "job",
              product: `p${round % 3}`,
              order: "1",
              idealCycleUs: round % 2 === 0 ? null : 1500,
              piecesPerCount: round % 4 === 1 ? 3 : null,
            });
          } else {
            events.push({
              ...base,
              type: "correction",
              from: at - 5 * MINUTE_MS,
              to: at,
              state: round % 8 === 3 ? "setup" : null,
              reason: round % 8 === 3 ? null : "jam/1",
              clear: false,
              by: "anna",
              note: "note",
            });
          }
      }
    }
  }
  return events;
}

function answersOf(replay: Replay, plant: Plant, events: readonly PlantEvent[]): unknown {
  const repeats = events.map((event) => replay.accept(event));
  const query: ReportQuery = {
    from: replay.first,
    to: replay.last,
    scope: enterpriseOf(plant),
    by: "product",
    every: "hour",
  };
  return { repeats, elements: replay.report(query, replay.last), stops: replay.stops(query, replay.last) };
}

describe("a spool of events", () => {
  it.each([
    { memory: "more than enough", memoryBytesMax: 1 << 28, spills: false },
    { memory: "less than they take", memoryBytesMax: 1 << 16, spills: true },
    { memory: "none", memoryBytesMax: 0, spills: true },
  ])("gives the figures of histories in memory, with $memory memory", ({ memoryBytesMax, spills }) => {
    const plant = plantOf(3);
    const events = eventsOf(plant, 3000);
    const spool = new EventSpool(new PlantModel(plant), memoryBytesMax);
    onTestFinished(() => spool.dispose());
    expect(answersOf(new Replay(plant, spool), plant, events)).toEqual(answersOf(new Replay(plant), plant, events));
    expect(spool.fileBytes > 0).toBe(spills);
  });

  it("takes events of more machines than its bound has room for, by an open page for each", () => {
    const plant = plantOf(60);
    const spool = new EventSpool(new PlantModel(plant), 0);
    onTestFinished(() => spool.dispose());
    const events = eventsOf(plant, 600);
    for (const event of events) spool.accept(event);
    const machine = plant.machines[59];
    if (machine === undefined) throw new Error("no machine");
    const whole = new MachineHistory(plant, machine);
    for (const event of events) if (event.machine === machine) whole.accept(event);
    const period = { from: START, to: START + 600 * MINUTE_MS, now: START + 600 * MINUTE_MS };
    expect(spool.evaluate(machine, period)).toEqual(whole.evaluate(period));
  });
});
