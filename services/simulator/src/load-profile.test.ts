import { EventDecoder, isRefusal, parsePlant } from "@oee/model";
import { describe, expect, it } from "vitest";
import { type LoadOptions, loadEvents, loadMachineId, loadPlantYaml } from "./load-profile.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const FROM = Date.parse("2026-03-02T05:00:00Z");

function bytesOf(options: LoadOptions): Buffer {
  return Buffer.concat([...loadEvents(options)]);
}

describe("load profile", () => {
  it("writes a plant file of any size", () => {
    for (const machines of [1, 99, 2345]) {
      const result = parsePlant(loadPlantYaml(machines), "load.yaml");
      expect(result.ok && result.plant.machines.length).toBe(machines);
      expect(result.ok && result.plant.machines.at(-1)?.id).toBe(loadMachineId(machines - 1));
    }
  });

  it("gives as many events as asked, each of which the plant takes, in order of time", () => {
    const plant = plantFrom(loadPlantYaml(120));
    const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
    const lines = bytesOf({ machines: 120, events: 20_000, from: FROM }).toString().trimEnd().split("\n");
    const counts = new Map<string, number>();
    let newest = FROM;
    for (const line of lines) {
      const bytes = Buffer.from(line);
      const event = decoder.decode(bytes, 0, bytes.length, null);
      if (isRefusal(event)) throw new Error(`${line}: ${event.code}`);
      if (event.at < newest) throw new Error(`${line} comes after ${newest}`);
      newest = event.at;
      counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    }
    expect(lines).toHaveLength(20_000);
    // A machine sends one state per 12 counts, and one more at the beginning.
    expect((counts.get("count") ?? 0) / (counts.get("state") ?? 0)).toBeGreaterThan(10.5);
    expect((counts.get("count") ?? 0) / (counts.get("state") ?? 0)).toBeLessThan(12);
    expect(newest - FROM).toBeGreaterThan(750_000);
  });

  it("gives the same bytes every time, and keeps to whole lines in each chunk", () => {
    const options = { machines: 50, events: 10_000, from: FROM, stateEverySeconds: 30, countEverySeconds: 10 };
    expect(bytesOf(options).equals(bytesOf(options))).toBe(true);
    const chunks = [...loadEvents(options)];
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.every((chunk) => chunk.at(-1) === 0x0a)).toBe(true);
  });

  it("refuses an option out of range, and names it", () => {
    expect(() => loadPlantYaml(0)).toThrow("machines is 0");
    expect(() => [...loadEvents({ machines: 1, events: 1, from: FROM, stateEverySeconds: 7 })]).toThrow("is 1.4");
  });
});
