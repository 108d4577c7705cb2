import { parsePlant } from "@oee/model";
import { describe, expect, it } from "vitest";
import { LivePlant } from "./live-plant.ts";
import { loadPlantYaml } from "./load-profile.ts";
import { simulateLines } from "./simulate-lines.ts";

const parsed = parsePlant(loadPlantYaml(6), "load.yaml");
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const PLANT = parsed.plant;
const FROM = Date.parse("2026-03-02T05:00:00Z");
const NOW = Date.parse("2026-05-01T00:00:00Z");

function linesOf(minutes: number): string[] {
  return [...simulateLines(PLANT, { seed: 9, from: FROM, to: FROM + minutes * 60_000 })];
}

describe("live plant", () => {
  it("tells by the caller's clock what the simulation tells at once", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW });
    const lines: string[] = [];
    for (let now = NOW; now <= NOW + 5 * 60_000; now += 250)
      lines.push(...live.poll(now).lines.map(({ text }) => text));
    expect(lines).toEqual(linesOf(5));
  });

  it("goes faster than life", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW, speed: 60 });
    expect(live.poll(NOW + 5000).lines.map(({ text }) => text)).toEqual(linesOf(5));
  });

  it("catches up in bounded steps, and says how far it is behind", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW, pollMaxMs: 120_000 });
    const now = NOW + 300_000;
    const polls = [live.poll(now), live.poll(now), live.poll(now), live.poll(now)];
    expect(polls.map(({ behindMs }) => behindMs)).toEqual([180_000, 60_000, 0, 0]);
    expect(polls[3]?.lines).toEqual([]);
    expect(polls.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(linesOf(5));
  });

  it("waits where the clock goes back", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW });
    live.poll(NOW + 60_000);
    expect(live.poll(NOW + 30_000)).toEqual({ lines: [], behindMs: 0 });
  });

  it("says what is wrong with the speed", () => {
    expect(() => new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW, speed: 0 })).toThrow("speed is 0");
  });
});
