import { readFileSync } from "node:fs";
import { Replay } from "../../oee/src/replay.ts";
import { EventDecoder, formatProblem, isRefusal, parsePlant, type Plant } from "@oee/model";
import { describe, expect, it } from "vitest";
import { simulateLines } from "./simulate-lines.ts";

const FROM = Date.UTC(2026, 2, 2, 5);
const TO = FROM + 24 * 3_600_000;
const LOOM = "mill/cloth/l1/loom";
const PRESS = "mill/buttons/presses/p1";
const text = readFileSync(new URL("../plants/weaving-mill.yaml", import.meta.url), "utf8");

function millPlant(): Plant {
  const result = parsePlant(text, "weaving-mill.yaml");
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join());
  return result.plant;
}

describe("the weaving mill", () => {
  const plant = millPlant();
  const simulated = (): string[] => [...simulateLines(plant, { seed: 4, from: FROM, to: TO })];
  const lines = simulated();
  const of = (machine: string): Record<string, unknown>[] =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((event) => event["machine"] === machine);

  it("gives the same events for the same seed", () => {
    expect(simulated()).toEqual(lines);
  });

  it("CN-5: cloth is counted in tenths of a metre", () => {
    const metres = of(LOOM).flatMap(({ good, total }) => [good, (total as { good?: number } | undefined)?.good]);
    const written = metres.filter((value) => value !== undefined).map(String);
    expect(written.some((value) => /^\d+\.\d$/.test(value))).toBe(true);
    expect(written.every((value) => /^\d+(\.\d)?$/.test(value))).toBe(true);
  });

  it("TL-9, CN-7: presses say no state, and what came in beside what is good", () => {
    const types = new Set(of(PRESS).map(({ type }) => type));
    expect([...types]).toEqual(["count"]);
    for (const { good, produced, scrap, total } of of(PRESS)) {
      const counted = (total ?? { good, produced, scrap }) as Record<string, number | undefined>;
      expect(counted["produced"]).toBeGreaterThanOrEqual(counted["good"] ?? Infinity);
      expect(counted["scrap"]).toBeUndefined();
    }
  });

  it("TL-9, CN-5, CN-6: a believable plant comes out, which runs and stops by its counts", () => {
    const replay = new Replay(plant);
    const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
    for (const line of lines) {
      const bytes = Buffer.from(line);
      const event = decoder.decode(bytes, 0, bytes.length, null);
      if (isRefusal(event)) throw new Error(`${line}: ${event.detail}`);
      replay.accept(event);
    }
    const scope = plant.scopes.get("*");
    if (scope === undefined) return expect.unreachable();
    const elements = replay.report({ from: FROM, to: TO, scope, by: "machine", every: null }, TO) ?? [];
    expect(elements).toHaveLength(4);
    for (const { kpis, components } of elements) {
      expect(kpis.performance).toBeGreaterThan(0.6);
      expect(kpis.performance).toBeLessThan(1.05);
      expect(components.runTime).toBeGreaterThan(3 * 3_600_000);
    }
    const press = elements.find((element) => element.scope === PRESS);
    expect(press?.components.minorStopTime ?? 0).toBeGreaterThan(0);
    expect(press?.components.unknownTime).toBeLessThan(3_600_000);
    expect(replay.doubts).toBe(0);
  });
});
