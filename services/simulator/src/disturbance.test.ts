import { Replay } from "../../oee/src/replay.ts";
import { EventDecoder, isRefusal } from "@oee/model";
import { describe, expect, it } from "vitest";
import { Disturbance, type DisturbanceOptions, disturb } from "./disturbance.ts";
import { loadPlantYaml } from "./load-profile.ts";
import { PlantSimulation } from "./plant-simulation.ts";
import { simulateLines } from "./simulate-lines.ts";
import { instantOfEvent, type WireEvent } from "./wire-event.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const PLANT = plantFrom(loadPlantYaml(8));
const FROM = Date.parse("2026-03-02T05:00:00Z");
const TO = FROM + 6 * 3_600_000;
const EVENTS = [...new PlantSimulation(PLANT, { seed: 4, from: FROM }).nextUntil(TO)];
const LINES = EVENTS.map((event) => JSON.stringify(event));
const ALL: DisturbanceOptions = {
  seed: 4,
  late: { probability: 0.05, delayMaxMs: 1_800_000 },
  doubled: 0.05,
  reordered: { probability: 0.1, within: 20 },
  malformed: 0.05,
};

function texts(options: Omit<DisturbanceOptions, "seed">): string[] {
  return [...disturb(EVENTS, { seed: 4, ...options })].map(({ text }) => text);
}

function timesOf(lines: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1);
  return times;
}

describe("disturbance", () => {
  it("changes nothing where nothing is asked for", () => {
    expect(texts({})).toEqual(LINES);
  });

  it("doubles the share of events that was asked for", () => {
    const times = timesOf(texts({ doubled: 0.05 }));
    const doubled = [...times.values()].filter((count) => count === 2).length;
    expect(times.size).toBe(LINES.length);
    expect(doubled / LINES.length).toBeGreaterThan(0.04);
    expect(doubled / LINES.length).toBeLessThan(0.06);
  });

  it("makes events late by at most the delay, and loses none", () => {
    const delayMaxMs = 60_000;
    const lines = texts({ late: { probability: 0.1, delayMaxMs } });
    expect(lines.toSorted()).toEqual(LINES.toSorted());
    let newest = 0;
    let late = 0;
    for (const line of lines) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own line, read back
      const at = instantOfEvent(JSON.parse(line) as WireEvent);
      if (at < newest) late++;
      newest = Math.max(newest, at);
      expect(newest - at).toBeLessThanOrEqual(delayMaxMs + 5000);
    }
    expect(late / LINES.length).toBeGreaterThan(0.08);
    expect(late / LINES.length).toBeLessThan(0.11);
  });

  it("lets events be overtaken by no more than asked, and loses none", () => {
    const places = new Map(LINES.map((line, i) => [line, i]));
    const lines = texts({ reordered: { probability: 0.1, within: 20 } });
    expect(lines.toSorted()).toEqual(LINES.toSorted());
    const moves = lines.map((line, i) => i - (places.get(line) ?? 0));
    // An event that is held back itself does not count as one that overtakes another.
    expect(Math.max(...moves)).toBeLessThan(40);
    expect(moves.filter((move) => move > 0).length / LINES.length).toBeGreaterThan(0.05);
  });

  it("DI-2: adds broken lines, each of which is refused, with every code", () => {
    const decoder = new EventDecoder(PLANT, { maxFutureMs: 0 });
    const codes = new Map<string, number>();
    const lines = texts({ malformed: 0.2 });
    for (const line of lines) {
      const bytes = Buffer.from(line);
      const result = decoder.decode(bytes, 0, bytes.length, null);
      if (isRefusal(result)) codes.set(result.code, (codes.get(result.code) ?? 0) + 1);
    }
    const refused = [...codes.values()].reduce((sum, count) => sum + count, 0);
    expect(refused).toBe(lines.length - LINES.length);
    expect(refused / LINES.length).toBeGreaterThan(0.18);
    expect(refused / LINES.length).toBeLessThan(0.22);
    expect([...codes.keys()].toSorted()).toEqual(["invalid", "malformed", "unknown-machine", "unknown-state"]);
  });

  it("gives the same lines for the same seed, whole or in pieces, and others for another", () => {
    const whole = [...disturb(EVENTS, ALL)];
    const disturbance = new Disturbance(ALL);
    const pieces = [];
    for (let i = 0; i < EVENTS.length; i += 777) pieces.push(...disturbance.push(EVENTS.slice(i, i + 777)));
    pieces.push(...disturbance.end());
    expect(pieces).toEqual(whole);
    expect([...disturb(EVENTS, { ...ALL, seed: 5 })]).not.toEqual(whole);
    const { seed, ...disturbances } = ALL;
    const lines = [...simulateLines(PLANT, { seed, from: FROM, to: TO, disturbances })];
    expect(lines).toEqual(whole.map(({ text }) => text));
  });

  it("P-5, CN-4: a disturbed history has the KPIs of the undisturbed one", () => {
    const reports = [LINES, [...disturb(EVENTS, ALL)].map(({ text }) => text)].map((lines) => {
      const decoder = new EventDecoder(PLANT, { maxFutureMs: 0 });
      const replay = new Replay(PLANT);
      for (const line of lines) {
        const bytes = Buffer.from(line);
        const result = decoder.decode(bytes, 0, bytes.length, null);
        if (!isRefusal(result)) replay.accept(result);
      }
      const scope = PLANT.scopes.get("*");
      return scope && replay.report({ from: FROM, to: TO, scope, by: "machine", every: "hour" }, TO);
    });
    expect(reports[0]).toHaveLength(48);
    expect(reports[1]).toEqual(reports[0]);
  });

  it("refuses a probability, delay or distance out of range, and names it", () => {
    expect(() => new Disturbance({ seed: 1, doubled: 1.5 })).toThrow("doubled is 1.5");
    expect(() => new Disturbance({ seed: 1, late: { probability: 0.1, delayMaxMs: -1 } })).toThrow("late delay is -1");
  });
});
