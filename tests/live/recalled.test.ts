/**
 * A worker that takes machines over shows them as they stood at their checkpoints, before it reads the events since: with that instant,
 * and only where nobody has the last owner's records and they are not overdue.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import type { LiveRecord, LiveSink } from "@oee/protocol";
import type { Worker } from "@oee/worker";
import { expect, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { plantFrom } from "../support/plant.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";

const START = Date.UTC(2026, 2, 2, 6);
const { store } = await storeOfFile();

test.each([
  ["seconds ago, and nobody has its records", 20_000, true, ["running"]],
  ["seconds ago, and gateways have its records", 20_000, false, []],
  ["minutes ago", 120_000, true, []],
] as const)("a machine whose last owner ended %s", async (name, awayMs, isNew, shown) => {
  const line = name.replaceAll(/[^a-z]/g, "");
  const plant = plantFrom(
    `enterprise: e\nsites: { s: { areas: { a: { lines: { ${line}: { machines: { filler: { idealCycleSeconds: 1 } } } } } } } }`,
  );
  const machine = `s/a/${line}/filler`;
  const of = topics(`${line}.`, 1);
  let clock = START;
  const log = openMemoryLog({ now: () => clock });
  await log.ensureTopics(allTopics(of));
  const send = async (at: number, state: string): Promise<void> => {
    const value = Buffer.from(JSON.stringify({ machine, at, type: "state", state }));
    await log.append(of.events.name, [{ key: machine, value }]);
  };
  const recalled: LiveRecord[] = [];
  const published: LiveRecord[] = [];
  const into =
    (records: LiveRecord[]): LiveSink["publish"] =>
    (some) =>
      void records.push(...some.filter((record) => record.kind === "machine"));
  const start = async (): Promise<Worker> => {
    const worker = testWorker({
      ...{ log, topics: of, store, plant, now: () => clock },
      live: {
        publish: into(published),
        ...(isNew ? { recall: into(recalled) } : {}),
        onShown: anyShown,
      },
    });
    await worker.start();
    await until("caught up", () => (worker.status().ready && worker.status().lag === 0 ? true : undefined));
    await worker.settle();
    return worker;
  };

  await send(START - 60_000, "running");
  await (await start()).close();
  expect(recalled).toEqual([]);
  const last = published.at(-1);
  published.length = 0;
  clock += awayMs;
  await send(clock - 1_000, "down");
  await (await start()).close();
  expect(recalled.map(({ state }) => state)).toEqual(shown);
  for (const record of recalled) {
    // As the last owner said it last, but for when it speaks again and for latencies.
    expect(record).toEqual({ ...last, nextWithinMs: 0, latency: null });
    expect(record.now).toBe(START);
  }
  expect(published[0]).toMatchObject({ state: "down", now: clock });
});
