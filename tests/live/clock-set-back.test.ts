/**
 * A machine is moved on by the clock of its worker, and nothing that is computed goes back in time by itself. Where the clock was ahead
 * by hours and is set right, displays, figures and stored rows follow the right clock at once, in the worker that runs and in the next.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import type { LiveRecord } from "@oee/protocol";
import type { Store } from "@oee/store";
import type { Worker } from "@oee/worker";
import { expect, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { plantFrom } from "../support/plant.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { expectWhole } from "./whole-history.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 2, 2, 5);

const { store } = await storeOfFile();

test.each([
  ["5 hours", 5 * HOUR_MS, "while the worker runs"],
  ["5 hours", 5 * HOUR_MS, "before the worker starts again"],
  ["3 days", 72 * HOUR_MS, "while the worker runs"],
])("a clock that was ahead by %s is set right %s (%s)", async (ahead, aheadMs, when) => {
  const name = `c${aheadMs}${when.length}`;
  const plant = plantFrom(`enterprise: e
timezone: UTC
staleAfter: 10m
sites: { s: { areas: { a: { lines: { ${name}: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
windows: [1h]
`);
  const machine = `s/a/${name}/m`;
  let clock = START + 30 * MINUTE_MS;
  const log = openMemoryLog({ now: () => clock });
  const topic = topics(`${name}.`, 1);
  await log.ensureTopics(allTopics(topic));
  const shown: LiveRecord[] = [];
  const begin = async (of: Store): Promise<Worker> => {
    const worker = testWorker({
      ...{ log, topics: topic, store: of, plant, now: () => clock },
      live: {
        publish: (records) => void shown.push(...records.filter((record) => record.kind === "machine")),
        onShown: anyShown,
      },
      settings: { computeEveryMs: 1, storeEveryMs: 5, checkpointEveryMs: 5, idleEveryMs: 5 },
    });
    await worker.start();
    return worker;
  };
  const lines: { machine: string; fields: Record<string, unknown> }[] = [];
  const send = async (minute: number, fields: Record<string, unknown>): Promise<void> => {
    const whole = { ...fields, at: START + minute * MINUTE_MS };
    lines.push({ machine, fields: whole });
    await log.append(topic.events.name, [{ key: machine, value: Buffer.from(JSON.stringify({ machine, ...whole })) }]);
  };
  const rowAt = (from: number): Promise<true> =>
    until(`a row of ${new Date(from).toISOString()}`, async () => {
      for await (const rows of store.rows({ machines: [machine], period: { from, to: from + MINUTE_MS } })) {
        if (rows.length > 0) return true;
      }
      return undefined;
    });

  await send(0, { type: "state", state: "running" });
  for (let minute = 0; minute < 30; minute++) await send(minute, { type: "count", good: 50 });
  /** The dates of which days are summed again. */
  const forgotten: string[] = [];
  const noting: Store = {
    ...store,
    forgetDaySums: (of, { from, to }) => {
      for (let at = from; at < to; at += 24 * HOUR_MS) forgotten.push(new Date(at).toISOString().slice(0, 10));
      return store.forgetDaySums(of, { from, to });
    },
  };
  let worker = await begin(noting);
  await rowAt(clock - MINUTE_MS);
  clock += aheadMs;
  await rowAt(clock - MINUTE_MS);
  if (when.startsWith("before")) await worker.close();
  clock -= aheadMs - MINUTE_MS;
  if (when.startsWith("before")) worker = await begin(noting);
  shown.length = 0;
  await send(30, { type: "count", good: 7 });

  const record = await until("what is shown is of now", () =>
    shown.find(({ now, state, windows }) => now === clock && state === "running" && windows[0]?.to === clock),
  );
  expect(record.lastEventAt).toBe(START + 30 * MINUTE_MS);
  expect(record.windows[0]?.components.slice(-99)).toContain(1_507);
  await until("nothing of later is stored", async () => {
    await worker.settle();
    const later = { from: clock, to: clock + aheadMs + HOUR_MS };
    for await (const rows of store.rows({ machines: [machine], period: later })) if (rows.length > 0) return undefined;
    return true;
  });
  // By the clock that was ahead they were over.
  const days = Math.ceil(aheadMs / (24 * HOUR_MS));
  expect(forgotten).toEqual(["2026-03-02", "2026-03-03", "2026-03-04"].slice(0, days));
  await expectWhole(store, { plant, lines, start: START, end: clock }, ahead);
  await worker.close();
  await log.close();
});

test("a worker whose clock is behind the events that it took says so", async () => {
  const plant = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: { behind: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
`);
  let clock = START;
  const log = openMemoryLog({ now: () => clock });
  const topic = topics("behind.", 1);
  await log.ensureTopics(allTopics(topic));
  const worker = testWorker({ log, topics: topic, store, plant, now: () => clock });
  await worker.start();
  const machine = "s/a/behind/m";
  const value = Buffer.from(JSON.stringify({ machine, type: "state", at: START, state: "running" }));
  await log.append(topic.events.name, [{ key: machine, value }]);
  await until("it is taken", () => worker.status().newestEventAt === START || undefined);
  expect(worker.status().notes.join()).not.toContain("the clock");
  clock -= HOUR_MS;
  expect(worker.status().notes).toContain(
    "the clock is behind: an event of 2026-03-02T05:00:00.000Z was taken, and others ahead of the clock become dead letters",
  );
  await worker.close();
  await log.close();
});
