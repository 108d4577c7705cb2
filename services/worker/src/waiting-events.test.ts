import { SimulatedTime } from "@oee/pacing";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { workerMetrics } from "./metrics.ts";
import { WaitingEvents } from "./waiting-events.ts";

const START = Date.UTC(2026, 2, 2, 6);
const RAW = Buffer.from(`{"type":"state","machine":"s/a/l/m","at":1,"state":"running","note":"${"n".repeat(200)}"}`);

test("room for many waiting events is given back after ten seconds of the scheduler's clock without many", async () => {
  const time = new SimulatedTime(START);
  const waiting = new WaitingEvents(1_000, workerMetrics(new Registry()), time);
  const write = (events: number): void => {
    for (let i = 0; i < events; i++) {
      const place = { topic: "events", partition: 0, offset: i, index: 0, id: null, repeat: false };
      waiting.arriving.add({ machine: "s/a/l/m", type: "state", at: i, receivedAt: i, ...place }, RAW, 0, RAW.length);
    }
    waiting.arrived(events);
    waiting.take();
    waiting.stored();
  };
  const room = (): number => waiting.arriving.raw.buffer.byteLength;
  // Each write goes by one of two batches in turn.
  for (const events of [2_000, 2_000]) write(events);
  const many = room();
  expect(many).toBeGreaterThan(2_000 * RAW.length);
  for (const events of [1, 1]) write(events);
  expect(room()).toBe(many);
  await time.advanceTo(START + 10_001);
  for (const events of [1, 1]) write(events);
  expect(room()).toBeLessThan(many / 4);
});
