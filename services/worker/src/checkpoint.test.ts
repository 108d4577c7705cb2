import { serialize } from "node:v8";
import { PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal } from "@oee/model";
import { expect, test } from "vitest";
import { CheckpointRoom, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { MachineRunner } from "./machine-runner.ts";
import { WORKER_DEFAULTS } from "./settings.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 5);
const MINUTE_MS = 60_000;

test("a machine is restored from a checkpoint that an earlier release wrote by `serialize`; later checkpoints do not grow", () => {
  const plant = plantFrom(
    `enterprise: e
sites: { s: { calendar: one, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1, taktSeconds: 2 } } } } } } } }
calendars: { one: { shifts: [ { name: early, start: "04:00", end: "14:00" } ] } }
`,
  );
  const [machine] = plant.machines;
  if (machine === undefined) throw new Error("no machine");
  const model = new PlantModel(plant).machine(machine);
  const decoder = new EventDecoder(plant, WORKER_DEFAULTS);
  let runner = new MachineRunner(model, 0, WORKER_DEFAULTS);
  let offset = 0;
  const say = (at: number, fields: object): void => {
    const bytes = Buffer.from(JSON.stringify({ machine: machine.id, at, ...fields }));
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    runner.accept(event, offset++, at);
  };
  say(START, { type: "state", state: "running" });
  for (let at = START; at < START + 10 * MINUTE_MS; at += 1000) say(at, { type: "count", good: 1 });
  runner.advance(START + 10 * MINUTE_MS);

  const snapshot = runner.snapshot(1, offset);
  // The checkpoint lies behind other bytes, its serialized part at a multiple of 8, as may be in memory read from the log.
  const before = Buffer.concat([Buffer.alloc(100_000 - 1), Buffer.of(1), serialize(snapshot)]).subarray(100_000 - 1);
  const size = encodeCheckpoint(snapshot).length;
  for (let bytes: Uint8Array = before, times = 0; times < 3; times++) {
    const read = decodeCheckpoint(bytes);
    if (read === null) throw new Error("it cannot be read");
    if (times === 0) expect(read).toEqual(snapshot);
    const restored = MachineRunner.restore(model, 0, WORKER_DEFAULTS, read, START + 10 * MINUTE_MS);
    if (restored === null) throw new Error("it cannot be gone on from");
    runner = restored;
    bytes = encodeCheckpoint(runner.snapshot(1, offset));
    expect(bytes.length).toBeLessThan(1.01 * size);
  }
});

test("checkpoints that wait in shared blocks are what they were, whatever their sizes", () => {
  const room = new CheckpointRoom();
  const values = Array.from({ length: 300 }, (_, i) => new Uint8Array(i === 200 ? 600_000 : i * 20).fill(i));
  const kept = values.map((value) => room.keep(value));
  for (const [i, value] of kept.entries()) expect(Buffer.compare(value, values[i] ?? Buffer.of())).toBe(0);
});
