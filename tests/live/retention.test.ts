/**
 * A worker on a store that keeps raw events for some days only: older rows stay as they were computed, whatever comes late; younger
 * ones are recomputed exactly. Also the settings of the command line that say how long events are kept.
 */
import { spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { MachineHistory, PlantModel } from "@oee/engine";
import { allTopics, openEmbeddedLog, openMemoryLog, topics } from "@oee/event-log";
import { EventDecoder, isRefusal, type Row } from "@oee/model";
import { openStore, type Store } from "@oee/store";
import { workerMetrics } from "@oee/worker";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { OEE } from "../cli/oee.ts";
import { testWorker } from "../support/worker.ts";
import { newFolder, until } from "./oee-process.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MACHINE = "s/a/l/m";
const PLANT = `enterprise: e
staleAfter: off
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 30 } } } } } } } }
windows: [8h]
`;

interface Line {
  readonly at: number;
  readonly text: string;
}

const line = (at: number, fields: Readonly<Record<string, unknown>>): Line => ({
  at,
  text: JSON.stringify({ machine: MACHINE, at, ...fields }),
});

/** A history of one product: every three hours two and a half of running and half an hour of a stop, with a running total every ten minutes. */
function historyOf(from: number, to: number): Line[] {
  // One job for the whole history, long before the oldest kept event.
  const lines: Line[] = [line(from, { type: "job", product: "cola", idealCycleSeconds: 25 })];
  for (let at = from, i = 0; at < to; at += 10 * MINUTE_MS, i++) {
    if (i % 18 === 0) lines.push(line(at, { type: "state", state: "running" }));
    if (i % 18 === 15) lines.push(line(at, { type: "state", state: "down", reason: "jam" }));
    lines.push(line(at + 1, { type: "count", total: { good: i * 17 + (i % 7) } }));
  }
  return lines;
}

async function rowsOf(store: Store, period: { from: number; to: number }): Promise<Row[]> {
  const found: Row[] = [];
  for await (const rows of store.rows({ machines: [MACHINE], period })) {
    found.push(...rows.map(({ version: _, plantVersion: __, ...row }) => row));
  }
  return found.sort((a, b) => a.from - b.from);
}

test("DI-1: where raw events are gone, rows stay as they are; younger rows are recomputed exactly", async () => {
  const folder = newFolder();
  onTestFinished(folder.remove);
  const plant = plantFrom(PLANT);
  const store = await openStore({ embedded: { path: folder.path("store") } });
  await store.migrate();
  const end = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const log = openMemoryLog({ now: () => end });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const metrics = workerMetrics(new Registry());
  let sent = 0;
  const worker = testWorker({
    log,
    topics: of,
    store,
    plant,
    now: () => end,
    metrics,
    settings: { computeEveryMs: 1, storeEveryMs: 20 },
  });
  await worker.start();
  const send = async (lines: readonly Line[]): Promise<void> => {
    await log.append(
      of.events.name,
      lines.map(({ text }) => ({ key: MACHINE, value: Buffer.from(text) })),
    );
    sent += lines.length;
    await until("the worker is through", async () => {
      const { values } = await metrics.events.get();
      if (values.reduce((sum, { value }) => sum + value, 0) < sent) return undefined;
      const { partitions, lag, ready } = worker.status();
      return partitions === 1 && ready && lag === 0 ? true : undefined;
    });
    await until("what it took is stored", async () => {
      await worker.settle();
      return worker.status().recomputing === 0 ? true : undefined;
    });
  };
  const lines = historyOf(end - 10 * DAY_MS, end);
  await send(lines);
  const whole = { from: end - 20 * DAY_MS, to: end };
  const before = await rowsOf(store, whole);
  expect(before.length).toBe((10 * DAY_MS) / MINUTE_MS);

  await store.migrate({ retention: { events: 5 } });
  await until("old raw events are gone", async () => {
    const query = { machine: MACHINE, types: ["state", "count", "total"], before: end - 6 * DAY_MS, limit: 1 } as const;
    return (await store.eventsBefore(query)).length === 0 ? true : undefined;
  });

  // A late event of time whose raw events are gone changes nothing.
  await send([
    line(end - 8 * DAY_MS, { type: "state", state: "maintenance" }),
    line(end, { type: "correction", from: end - 9 * DAY_MS, to: end - 7 * DAY_MS, state: "down" }),
  ]);
  expect(await rowsOf(store, whole)).toEqual(before);
  // A metric counts that.
  const cutShort = async (): Promise<number> => (await metrics.recomputesCutShort.get()).values[0]?.value ?? 0;
  const told = await cutShort();
  expect(told).toBeGreaterThan(0);
  const note = `bears on time whose raw events are gone, and that stays: ${MACHINE} from ${new Date(end - 9 * DAY_MS).toISOString()}`;
  expect(worker.status().notes.join()).toContain(note);

  // A late event of kept time counts as if all events were still there.
  const late = [
    line(end - 3 * DAY_MS - 3 * HOUR_MS, { type: "state", state: "setup" }),
    line(end - 3 * DAY_MS, { type: "count", total: { good: 40_000 } }),
  ];
  await send(late);
  const history = new MachineHistory(new PlantModel(plant), plant.machines[0] ?? fail());
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  for (const { text } of [...lines, ...late]) {
    const bytes = Buffer.from(text);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    history.accept(event);
  }
  const expected = history.evaluate({ from: end - 10 * DAY_MS, to: end, now: end, cuts: "minutes" }).rows;
  const after = await rowsOf(store, whole);
  expect(after).not.toEqual(before);
  expect(await cutShort()).toBe(told);
  expect(after).toEqual([...expected].sort((a, b) => a.from - b.from));

  // Nor does one where they are kept for ever now: what is gone stays gone, though the job of before is there.
  await store.migrate({ retention: { events: null } });
  await send([
    line(end - 11 * DAY_MS, { type: "job", product: "tonic" }),
    line(end, { type: "correction", from: end - 9 * DAY_MS, to: end - 8 * DAY_MS, state: "down" }),
  ]);
  expect(await rowsOf(store, whole)).toEqual(after);
  await worker.close();
  await log.close();
  await store.close();
});

test("oee migrate --retention-…: by option and environment; a retention that is not named stays", () => {
  const folder = newFolder();
  onTestFinished(folder.remove);
  const migrate = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, [OEE, "migrate", "--data", folder.path("data"), ...args], {
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
  expect(migrate(["--retention-events", "400", "--retention-stops", "forever"])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /^schema (\d+): applied 1, .*\b\1\nevents: kept for 400 days\nstops: kept for ever\n$/,
    ),
  });
  expect(migrate([], { OEE_RETENTION_MINUTES: "3650" })).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^schema \d+: nothing to do\nkpi_minutes: kept for 3650 days\n$/),
  });
  expect(migrate([]).stdout).toMatch(/^schema \d+: nothing to do\n$/);
});

test("the embedded log keeps records as the setting says; without the setting retention stays as it was", async () => {
  const folder = newFolder();
  onTestFinished(folder.remove);
  const now = Date.now();
  const open = async (days: number | undefined, at: number) => {
    const log = openEmbeddedLog({ folder: folder.path("log"), now: () => at, retentionFollows: days !== undefined });
    const of = days === undefined ? topics("oee.", 1) : topics("oee.", 1, days * DAY_MS);
    await log.ensureTopics(allTopics(of));
    return log;
  };
  const kept = async (log: Awaited<ReturnType<typeof open>>): Promise<string[]> => {
    while (await log.clean()) await wait(0);
    const texts: string[] = [];
    const consumer = log.consume({
      groupId: `reader-${performance.now()}`,
      topics: ["oee.events"],
      onAssigned: async () => [],
      onRevoked: async () => undefined,
      onBatch: async (batch) => {
        for (let i = 0; i < batch.length; i++) texts.push(batch.valueAt(i)?.toString() ?? "");
      },
    });
    await log.append("oee.events", [{ key: "m", value: Buffer.from("end") }]);
    await until("the newest record", () => (texts.includes("end") ? true : undefined));
    await consumer.close();
    await log.close();
    return texts;
  };
  const first = await open(undefined, now);
  await first.append("oee.events", [{ key: "m", value: Buffer.from("old") }]);
  await first.close();
  expect(await kept(await open(undefined, now + 20 * DAY_MS))).toEqual(["old", "end"]);
  expect(await kept(await open(7, now + 20 * DAY_MS))).toEqual(["end", "end"]);
  // Retention is stored with the topic: a start without the setting does not change it.
  expect(await kept(await open(undefined, now + 28 * DAY_MS))).toEqual(["end"]);
});

function fail(): never {
  throw new Error("no machine");
}
