import { readFileSync } from "node:fs";
import { CalendarClock } from "@oee/calendar";
import { Replay } from "../../oee/src/replay.ts";
import { EventDecoder, isRefusal, type Machine, type Plant, type PlantEvent, parsePlant } from "@oee/model";
import { describe, expect, it } from "vitest";
import { PlantSimulation, type PlantSimulationOptions } from "./plant-simulation.ts";
import type { WireEvent } from "./wire-event.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TEXT = readFileSync(new URL("../plants/two-halls.yaml", import.meta.url), "utf8");
const PLANT = plantOf(TEXT);
/** A Sunday: shifts begin in the evening. */
const FROM = Date.parse("2026-03-01T18:00:00Z");

function plantOf(text: string): Plant {
  const result = parsePlant(text, "two-halls.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plant;
}

function simulated(hours: number, options: Partial<PlantSimulationOptions> = {}, plant: Plant = PLANT): WireEvent[] {
  const all = { seed: 11, from: FROM, ...options };
  return [...new PlantSimulation(plant, all).nextUntil(all.from + hours * HOUR_MS)];
}

function decoded(events: readonly WireEvent[], plant: Plant = PLANT): PlantEvent[] {
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  return events.map((event) => {
    const bytes = Buffer.from(JSON.stringify(event));
    const result = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(result)) throw new Error(`${JSON.stringify(event)}: ${JSON.stringify(result)}`);
    return result;
  });
}

const DAYS = simulated(36);
const EVENTS = decoded(DAYS);

function neighbour(machine: Machine, distance: number): Machine | undefined {
  const other = PLANT.machines[machine.index + distance];
  return other !== undefined && other.line === machine.line && other.area === machine.area ? other : undefined;
}

/** The least and the greatest value; NaN where one is missing. */
function extremes(values: readonly (number | null)[]): readonly [number, number] {
  const numbers = values.map((value) => value ?? Number.NaN);
  return [Math.min(...numbers), Math.max(...numbers)];
}

function within(low: number, high: number): (found: readonly [number, number]) => boolean {
  return ([least, greatest]) => least >= low && greatest <= high;
}

describe("plant simulation", () => {
  it("gives the same bytes for the same seed, in whatever chunks they are asked for", () => {
    const until = FROM + 12 * HOUR_MS;
    const whole = JSON.stringify(simulated(12));
    for (const chunkMs of [997, 60_000, 5 * HOUR_MS + 1]) {
      const simulation = new PlantSimulation(PLANT, { seed: 11, from: FROM });
      const events: WireEvent[] = [];
      for (let at = FROM; at < until; at += chunkMs)
        events.push(...simulation.nextUntil(Math.min(until, at + chunkMs)));
      expect(JSON.stringify(events) === whole).toBe(true);
    }
  });

  it("loses nothing when the caller stops in the middle of a span", () => {
    const simulation = new PlantSimulation(PLANT, { seed: 11, from: FROM });
    const events: WireEvent[] = [];
    for (const event of simulation.nextUntil(FROM + HOUR_MS)) {
      events.push(event);
      if (events.length === 30) break;
    }
    events.push(...simulation.nextUntil(FROM + HOUR_MS));
    expect(events).toEqual(simulated(1));
  });

  it("gives other events for another seed", () => {
    expect(simulated(1, { seed: 12 })).not.toEqual(simulated(1));
  });

  it("leaves the events of other lines as they are when a line is removed", () => {
    const without = plantOf(TEXT.replace(/ {10}presses:[\s\S]*?(?=calendars:)/, ""));
    expect(without.machines).toHaveLength(18);
    const others = simulated(6).filter(({ machine }) => !machine.includes("/presses/"));
    expect(simulated(6, {}, without)).toEqual(others);
  });

  it("DI-2, CN-4: every event is one that the plant takes, in order of time, none twice", () => {
    const replay = new Replay(PLANT);
    expect(EVENTS.filter((event) => !replay.accept(event))).toEqual([]);
    expect(EVENTS.filter(({ at }, i) => at < (EVENTS[i - 1]?.at ?? FROM))).toEqual([]);
    expect(new Set(EVENTS.map(({ machine, id }) => `${machine.id} ${id}`)).size).toBe(EVENTS.length);
    expect(new Set(EVENTS.map(({ type, machine, at }) => `${type} ${machine.id} ${at}`)).size).toBe(EVENTS.length);
    expect(simulated(1, { ids: false }).every((event) => event.id === undefined)).toBe(true);
  });

  it("starved and blocked follow stops of the neighbours", () => {
    const stoodAt = new Map<Machine, number>();
    const states = new Map<Machine, string>();
    const products = new Map<Machine, string>();
    let waits = 0;
    const wrong: string[] = [];
    for (const event of EVENTS) {
      if (event.type === "job") products.set(event.machine, event.product);
      if (event.type !== "state") continue;
      const { machine, state, at } = event;
      const before = states.get(machine);
      if (before !== undefined && before !== "running") stoodAt.set(machine, at);
      states.set(machine, state);
      if ((state !== "starved" && state !== "blocked") || before === state || at < FROM + HOUR_MS) continue;
      waits++;
      const cause = neighbour(machine, state === "starved" ? -1 : 1);
      if (cause === undefined) throw new Error(`${machine.id} is ${state} and has no such neighbour`);
      // A machine is also blocked while the next one has another product: two products never share a buffer.
      if (state === "blocked" && products.get(cause) !== products.get(machine)) continue;
      const stood = states.get(cause) === "running" ? (stoodAt.get(cause) ?? -Infinity) : at;
      // A machine may stay starved or blocked for a while after its neighbour runs again, until the buffer is refilled or emptied.
      if (at - stood > 15 * MINUTE_MS) wrong.push(`${machine.id} ${state} at ${new Date(at).toISOString()}`);
    }
    expect(wrong).toEqual([]);
    expect(waits).toBeGreaterThan(200);
  });

  it("CA-4: nothing is made and nobody claims to run outside the shifts", () => {
    const clocks = new Map(
      PLANT.machines.map((machine) => [machine, new CalendarClock(machine.calendar, machine.timezone)]),
    );
    const runningSince = new Map<Machine, number>();
    const wrong: string[] = [];
    for (const { machine, at, ...event } of EVENTS) {
      const clock = clocks.get(machine);
      const since = runningSince.get(machine);
      if (event.type === "state") {
        if (since !== undefined && clock?.scheduledMs(since, at) !== at - since)
          wrong.push(`${machine.id} ran at ${at}`);
        if (event.state === "running") runningSince.set(machine, at);
        else runningSince.delete(machine);
      } else if (event.type === "count" && clock?.spanAt(at).scheduled !== true)
        wrong.push(`${machine.id} made at ${at}`);
    }
    expect(wrong).toEqual([]);
  });

  it("CN-2: totals begin at 0, so that a simulation which follows another adds nothing that was not made", () => {
    const machineOf = ({ machine }: PlantEvent): Machine => machine;
    const first = new Map(
      EVENTS.filter(({ type }) => type === "total")
        .toReversed()
        .map((event) => [machineOf(event), event]),
    );
    const begins = [...first].filter(([{ rolloverAt }]) => rolloverAt === null).map(([, event]) => event);
    expect(begins.length).toBeGreaterThan(0);
    for (const event of begins) expect(event).toMatchObject({ good: 0 });
  });

  it("CN-2: without rollovers, counters that roll over report what was made", () => {
    const totals = decoded(simulated(2, { rollovers: false })).filter(({ type }) => type === "total");
    expect(totals.length).toBeGreaterThan(0);
    expect(totals.filter(({ machine }) => machine.rolloverAt !== null)).toEqual([]);
    expect(EVENTS.some(({ type, machine }) => type === "total" && machine.rolloverAt !== null)).toBe(true);
  });

  it("CN-2: totals fall only to 0 or over the rollover", () => {
    const totals = new Map<Machine, number>();
    const resets: number[] = [];
    const rollovers: number[] = [];
    for (const event of EVENTS) {
      if (event.type !== "total" || event.good === null) continue;
      const { machine, good } = event;
      const before = totals.get(machine) ?? 0;
      totals.set(machine, good);
      if (good >= before) continue;
      if (machine.rolloverAt === null) resets.push(good);
      else rollovers.push(good + machine.rolloverAt - before);
    }
    expect(new Set(resets)).toEqual(new Set([0]));
    expect(rollovers.length).toBeGreaterThan(0);
    expect(Math.max(...rollovers)).toBeLessThan(1000);
  });

  it("TL-3: reasons come at once, later, or never", () => {
    const open = new Map<Machine, string | null>();
    const found = { atOnce: 0, later: 0, failures: 0 };
    for (const event of EVENTS) {
      if (event.type !== "state") continue;
      const known = open.get(event.machine);
      if (event.state !== "down") open.delete(event.machine);
      else if (known === undefined) {
        found.failures++;
        if (event.reason !== null) found.atOnce++;
        open.set(event.machine, event.reason);
      } else if (known === null && event.reason !== null) {
        found.later++;
        open.set(event.machine, event.reason);
      }
    }
    expect(found.atOnce).toBeGreaterThan(5);
    expect(found.later).toBeGreaterThan(5);
    expect(found.failures).toBeGreaterThan(found.atOnce + found.later);
  });

  it("speaks the vocabularies of its machines, in words, capitals and numbers, and both kinds of instants", () => {
    const said = (ending: string): Set<unknown> =>
      new Set(DAYS.flatMap((event) => (event.type === "state" && event.machine.endsWith(ending) ? [event.state] : [])));
    const all = PLANT.machines.flatMap((machine) => [...said(machine.id)]);
    expect(all.some((word) => typeof word === "number")).toBe(true);
    expect(all.some((word) => typeof word === "string" && word !== word.toLowerCase())).toBe(true);
    expect(new Set(DAYS.map(({ at }) => typeof at))).toEqual(new Set(["number", "string"]));
    expect(new Set(DAYS.map((event) => event.type))).toEqual(new Set(["state", "count", "job"]));
  });

  it("TL-4: a machine that stands never counts as gone, and a believable plant comes out", () => {
    const scope = PLANT.scopes.get("*");
    if (scope === undefined) throw new Error("the plant has no scope *");
    for (const seed of [1, 2]) {
      const replay = new Replay(PLANT);
      for (const event of decoded(simulated(72, { seed, countEverySeconds: 60 }))) replay.accept(event);
      const to = FROM + 72 * HOUR_MS;
      const period = { from: FROM + HOUR_MS, to, scope, every: null };
      const machines = replay.report({ ...period, by: "machine" }, to) ?? [];
      expect(new Set(machines.map(({ kpis }) => kpis.coverage))).toEqual(new Set([1]));
      expect(extremes(machines.map(({ kpis }) => kpis.availability))).toSatisfy(within(0.5, 0.97));
      expect(extremes(machines.map(({ kpis }) => kpis.scrapRatio))).toSatisfy(within(0.001, 0.1));
      expect(extremes(machines.map(({ components }) => components.setupTime))).toSatisfy(within(1, Infinity));
      expect(extremes(machines.map(({ components }) => components.minorStopCount))).toSatisfy(within(10, 1000));
      const lines = replay.report({ ...period, by: "line" }, to) ?? [];
      expect(lines).toHaveLength(4);
      expect(extremes(lines.map(({ kpis }) => kpis.oee))).toSatisfy(within(0.4, 0.9));
      expect(extremes(lines.map(({ kpis }) => kpis.performance))).toSatisfy(within(0.6, 1));
      expect(extremes(lines.map(({ components }) => components.startupLossTime))).toSatisfy(within(1, Infinity));
      const elements = replay.report({ ...period, by: "enterprise" }, to) ?? [];
      expect(elements[0]?.components.failureCount).toBeGreaterThan(20);
    }
  });

  it("CN-3: each job's cycle is that of its machine, whatever its product says", () => {
    const jobs = EVENTS.filter((event) => event.type === "job");
    const ratios = jobs.map(({ machine, product, idealCycleUs }) => {
      const cycleUs = idealCycleUs ?? PLANT.products.get(product)?.idealCycleUs ?? machine.idealCycleUs ?? 0;
      return cycleUs / (machine.idealCycleUs ?? cycleUs);
    });
    expect(extremes(ratios)).toSatisfy(within(0.65, 1.5));
    expect(jobs.every(({ product }) => PLANT.products.has(product))).toBe(true);
    expect(jobs.filter(({ idealCycleUs }) => idealCycleUs !== null).length).toBeGreaterThan(10);
  });

  it("takes a plant of one bare machine", () => {
    const plant = plantOf(
      "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: null } } } } } } } }\n",
    );
    const events = simulated(24, {}, plant);
    decoded(events, plant);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["state", "count"]));
  });

  it("refuses an option out of range, and names it", () => {
    expect(() => new PlantSimulation(PLANT, { seed: 1, from: FROM, countEverySeconds: 0.5 })).toThrow(
      "countEverySeconds is 0.5",
    );
    expect(() => new PlantSimulation(PLANT, { seed: 1, from: Number.NaN })).toThrow("from is NaN");
  });
});
