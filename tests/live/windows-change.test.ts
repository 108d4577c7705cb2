/**
 * DI-3 in a running worker: a plant file whose list of windows changed is taken up, at once and over a restart, and new windows
 * are the sums of stored rows.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { COMPONENT_NAMES, type Plant } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import { openStore } from "@oee/store";
import { Worker } from "@oee/worker";
import { expect, onTestFinished, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { testWorker } from "../support/worker.ts";
import { newFolder, until } from "./oee-process.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MACHINE = "s/a/l/m";
const START = Date.UTC(2026, 2, 2, 5);
const END = START + 30 * HOUR_MS + 12_345;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function plantOf(windows: string): Plant {
  const text = `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 30 } } } } } } } }
windows: ${windows}
`;
  return plantFrom(text);
}

test("DI-3: windows that a changed plant file asks for are filled from stored rows", async () => {
  const folder = newFolder();
  onTestFinished(folder.remove);
  const store = await openStore({ embedded: { path: folder.path("store") } });
  await store.migrate();
  const log = openMemoryLog({ now: () => END });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  let live: LiveRecord | null = null;
  const start = async (plant: Plant): Promise<Worker> => {
    live = null;
    const worker = testWorker({
      log,
      topics: of,
      store,
      plant,
      live: {
        publish: (records) => {
          for (const record of records) if (record.kind === "machine") live = record;
        },
        onShown: anyShown,
      },
      now: () => END,
      settings: { computeEveryMs: 1, storeEveryMs: 20 },
    });
    await worker.start();
    return worker;
  };
  /** Waits until the live record shows these windows, and compares them with what is stored. */
  const shown = async (worker: Worker, names: readonly string[]): Promise<void> => {
    const record = await until(`windows ${names.join()}`, () =>
      live?.windows.map(({ name }) => name).join() === names.join() ? live : undefined,
    );
    await worker.settle();
    for (const { name, from, to, components } of record.windows) {
      const sums = COMPONENT_NAMES.map(() => 0);
      for await (const rows of store.rows({ machines: [MACHINE], period: { from, to: to + MINUTE_MS } })) {
        for (const row of rows)
          for (const [i, component] of COMPONENT_NAMES.entries()) sums[i] = (sums[i] ?? 0) + row[component];
      }
      expect(components, name).toEqual(sums);
      expect(components[COMPONENT_NAMES.indexOf("goodCount")], name).toBeGreaterThan(50);
    }
  };

  const before = new WeakRef(plantOf("[1h]"));
  let worker = await start(before.deref() as Plant);
  const texts = Array.from({ length: 30 * 12 }, (_, i) => [
    { type: "state", machine: MACHINE, at: START + i * 5 * MINUTE_MS, state: i % 4 === 3 ? "down" : "running" },
    { type: "count", machine: MACHINE, at: START + i * 5 * MINUTE_MS + 1, good: 5 + (i % 3) },
  ]).flat();
  await log.append(
    of.events.name,
    texts.map((event) => ({ key: MACHINE, value: Buffer.from(JSON.stringify(event)) })),
  );
  await shown(worker, ["1h"]);
  await worker.setPlant(plantOf("[1h, 24h]"));
  await shown(worker, ["1h", "24h"]);
  // A large plant takes tens of megabytes.
  await until("memory of the plant before is free", () => {
    collect();
    return before.deref() === undefined ? true : undefined;
  });
  await worker.close();
  // Restarted with another list of windows.
  worker = await start(plantOf("[8h, 24h]"));
  await shown(worker, ["8h", "24h"]);
  await worker.close();
  await log.close();
  await store.close();
});
