import { parsePlant } from "@oee/model";
import { describe, expect, it } from "vitest";
import { LivePlant } from "./live-plant.ts";
import { loadPlantYaml } from "./load-profile.ts";
import { simulateLines } from "./simulate-lines.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const PLANT = plantFrom(loadPlantYaml(6));
const FROM = Date.parse("2026-03-02T05:00:00Z");
const NOW = Date.parse("2026-05-01T00:00:00Z");

function linesOf(minutes: number): string[] {
  return [...simulateLines(PLANT, { seed: 9, from: FROM, to: FROM + minutes * 60_000 })];
}

/** All lines up to an instant: polls again for as long as the plant is behind. */
function caughtUp(live: LivePlant, now: number): string[] {
  const lines: string[] = [];
  for (;;) {
    const polled = live.poll(now);
    lines.push(...polled.lines.map(({ text }) => text));
    if (polled.behindMs === 0) return lines;
  }
}

describe("live plant", () => {
  it("gives by the caller's clock, poll by poll, the lines that the simulation gives at once", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW });
    const lines: string[] = [];
    for (let now = NOW; now <= NOW + 5 * 60_000; now += 250) lines.push(...caughtUp(live, now));
    expect(lines).toEqual(linesOf(5));
  });

  it("goes faster than life", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW, speed: 60 });
    expect(caughtUp(live, NOW + 5000)).toEqual(linesOf(5));
  });

  it("catches up in bounded steps, and says how far it is behind", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW, pollMaxMs: 120_000 });
    caughtUp(live, NOW);
    const now = NOW + 300_000;
    const polls = [live.poll(now), live.poll(now), live.poll(now), live.poll(now)];
    expect(polls.map(({ behindMs }) => behindMs)).toEqual([180_000, 60_000, 0, 0]);
    expect(polls[3]?.lines).toEqual([]);
    expect(polls.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(linesOf(5));
  });

  it("takes no longer for a poll of 5,000 machines than for one of a few, from its first one on", () => {
    const many = parsePlant(loadPlantYaml(5_000), "load.yaml");
    if (!many.ok) throw new Error(JSON.stringify(many.problems));
    const live = new LivePlant(many.plant, { seed: 9, from: FROM, startedAt: NOW });
    const polls = Array.from({ length: 4 }, () => live.poll(NOW));
    // A poll covers 10 s: 50,000 steps of 5,000 machines. The warm-up of 12 h gives no line.
    expect(polls.map(({ lines, behindMs }) => [lines.length, behindMs])).toEqual(
      [10, 20, 30, 40].map((seconds) => [0, 12 * 3_600_000 - seconds * 1_000]),
    );
  });

  it("waits where the clock goes back", () => {
    const live = new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW });
    caughtUp(live, NOW + 60_000);
    expect(live.poll(NOW + 30_000)).toEqual({ lines: [], behindMs: 0 });
  });

  it("refuses a speed that is not above 0", () => {
    expect(() => new LivePlant(PLANT, { seed: 9, from: FROM, startedAt: NOW, speed: 0 })).toThrow("speed is 0");
  });
});
