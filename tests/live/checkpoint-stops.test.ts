/**
 * A checkpoint knows of all stops that are stored with it. Otherwise an engine that is made from it after a crash could not
 * retract a stop that a correction, which is read only then, removes.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { Worker } from "@oee/worker";
import { test } from "vitest";
import { noneShown } from "../support/live.ts";
import { committedOf } from "../support/committed.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { expectWhole } from "./whole-history.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const NEVER_MS = 3_600_000;
const START = Date.UTC(2026, 2, 2, 5, 0);
const END = START + 30 * MINUTE_MS;
const MACHINE = "berlin/packing/l1/filler";
const PLANT = `enterprise: acme
timezone: UTC
sites: { berlin: { areas: { packing: { lines: { l1: { machines: { filler: { idealCycleSeconds: 1 } } } } } } } }
`;
const { store } = await storeOfFile();

test("DI-1: a stop that was stored with a checkpoint is retracted when a correction comes after a crash", async () => {
  const plant = plantFrom(PLANT);
  const log = openMemoryLog({ now: () => END });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const committed = committedOf(log);
  const start = async (): Promise<Worker> => {
    const worker = testWorker({
      log,
      topics: of,
      store,
      plant,
      live: { publish: () => undefined, onShown: noneShown },
      now: () => END,
      // With these settings machines are computed only when they are stored, and each write makes a checkpoint.
      settings: {
        ...{
          computeEveryMs: NEVER_MS,
          calmEveryMs: NEVER_MS,
          idleEveryMs: NEVER_MS,
          storeEveryMs: 5,
          checkpointEveryMs: 0,
        },
      },
    });
    await worker.start();
    return worker;
  };
  const lines: { machine: string; fields: Record<string, unknown> }[] = [];
  const send = async (...fields: Record<string, unknown>[]): Promise<void> => {
    lines.push(...fields.map((some) => ({ machine: MACHINE, fields: some })));
    const values = fields.map((some) => Buffer.from(JSON.stringify({ machine: MACHINE, ...some })));
    await log.append(
      of.events.name,
      values.map((value) => ({ key: MACHINE, value })),
    );
  };
  const state = (minute: number, name: string): Record<string, unknown> => ({
    ...{ type: "state", at: START + minute * MINUTE_MS, state: name },
  });

  await send(state(0, "running"), state(5, "idle"), state(6, "running"));
  const first = await start();
  await until("the commit", () => (committed() === 3 ? true : undefined));
  await first.abandon();
  const span = {
    from: new Date(START + 4 * MINUTE_MS).toISOString(),
    to: new Date(START + 7 * MINUTE_MS).toISOString(),
  };
  await send({ type: "correction", at: END, id: "c", by: "anna", ...span, state: "running" });
  const second = await start();
  await until("caught up", () => (second.status().ready && second.status().lag === 0 ? true : undefined));
  await second.settle();
  await expectWhole(store, { plant, lines, start: START, end: END }, "after a crash and a correction");
  await second.close();
  await log.close();
});
