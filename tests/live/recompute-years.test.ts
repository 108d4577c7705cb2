/**
 * DI-1: a correction far back has a worker recompute everything since, in steps. No write holds more than a step of the history,
 * events that come meanwhile are in it, and the stored and live figures in the end are those of the whole history.
 */
import { MachineHistory, PlantModel } from "@oee/engine";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { COMPONENT_NAMES, EventDecoder, isRefusal, type Row, type StopSegment } from "@oee/model";
import type { LiveRecord } from "@oee/protocol";
import { openStore, type Store } from "@oee/store";
import { workerMetrics } from "@oee/worker";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { testWorker } from "../support/worker.ts";
import { newFolder, until } from "./oee-process.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MACHINE = "s/a/l/m";
const START = Date.UTC(2026, 2, 2, 5);
const DAYS = 45;
const PLANT = `enterprise: e
staleAfter: off
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 30 } } } } } } } }
windows: [1h, 24h]
`;

const at = (days: number): number => START + Math.round(days * DAY_MS);
const event = (when: number, fields: object): object => ({ machine: MACHINE, at: when, ...fields });

/** A history that repeats two and a half hours of running and half an hour of a stop, with a week of standing still whose reason is given at its end. */
function history(to: number): object[] {
  const events: object[] = [];
  for (let when = START, i = 0; when < to; when += 30 * MINUTE_MS, i++) {
    const still = when >= at(20) && when < at(29);
    if (when === at(20)) events.push(event(when, { type: "state", state: "down" }));
    if (when === at(29) - 30 * MINUTE_MS)
      events.push(event(when, { type: "state", state: "down", reason: "overhaul" }));
    if (!still && i % 6 === 0) events.push(event(when, { type: "state", state: "running" }));
    if (!still && i % 6 === 5) events.push(event(when, { type: "state", state: "down", reason: "jam" }));
    if (!still) events.push(event(when + 1, { type: "count", total: { good: i * 9 + (i % 5) } }));
  }
  return events;
}

const inOrder = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => a.from - b.from);

test("DI-1: a correction of long ago is recomputed while events go on coming", async () => {
  const folder = newFolder();
  onTestFinished(folder.remove);
  const plant = plantFrom(PLANT);
  const opened = await openStore({ embedded: { path: folder.path("store") } });
  await opened.migrate();
  let rowsMax = 0;
  let writes = 0;
  let onWrite: (() => Promise<void>) | null = null;
  const store: Store = {
    ...opened,
    insertRows: async (rows, stamp) => {
      rowsMax = Math.max(rowsMax, rows.length);
      writes++;
      await opened.insertRows(rows, stamp);
      await onWrite?.();
    },
  };
  let now = at(DAYS);
  const log = openMemoryLog({ now: () => now });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  let live: LiveRecord | null = null;
  const shown = (): LiveRecord | null => live;
  const publish = (records: readonly { readonly kind: string }[]): void => {
    for (const record of records) if (record.kind === "machine") live = record as LiveRecord;
  };
  const metrics = workerMetrics(new Registry());
  const recomputed = async (): Promise<number> => (await metrics.recomputes.get()).values[0]?.value ?? 0;
  const worker = testWorker({
    log,
    topics: of,
    store,
    plant,
    live: { publish, onShown: anyShown },
    now: () => now,
    metrics,
    settings: { computeEveryMs: 1, storeEveryMs: 20, idleEveryMs: 3_600_000 },
  });
  await worker.start();
  const sent: object[] = [];
  const send = async (...events: readonly object[]): Promise<void> => {
    sent.push(...events);
    await log.append(
      of.events.name,
      events.map((one) => ({ key: MACHINE, value: Buffer.from(JSON.stringify(one)) })),
    );
  };
  const settled = async (): Promise<void> => {
    await until("the worker is through", async () => {
      if (((await metrics.events.get()).values ?? []).reduce((sum, { value }) => sum + value, 0) < sent.length)
        return undefined;
      const { partitions, lag, ready } = worker.status();
      if (partitions !== 1 || !ready || lag > 0) return undefined;
      await worker.settle();
      return worker.status().recomputing === 0 ? true : undefined;
    });
  };
  const compare = async (): Promise<void> => {
    const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
    const machine = plant.machines[0] ?? never();
    const whole = new MachineHistory(new PlantModel(plant), machine);
    for (const one of sent) {
      const bytes = Buffer.from(JSON.stringify(one));
      const decoded = decoder.decode(bytes, 0, bytes.length, null);
      if (isRefusal(decoded)) throw new Error(decoded.detail);
      whole.accept(decoded);
    }
    const expected = whole.evaluate({ from: START, to: now, now, cuts: "minutes" });
    const period = { from: START - DAY_MS, to: now + DAY_MS };
    const rows: Row[] = [];
    for await (const some of opened.rows({ machines: [MACHINE], period })) {
      rows.push(...some.map(({ version: _, plantVersion: __, ...row }) => row));
    }
    expect(inOrder(rows)).toEqual(inOrder(expected.rows));
    const { stops } = await opened.stops({ machines: [MACHINE], period, limit: 10_000 });
    expect(stops.toSorted((a: StopSegment, b: StopSegment) => a.from - b.from)).toEqual(expected.stops);
    for (const { name, from, to, components } of shown()?.windows ?? []) {
      const own = expected.rows.filter((row) => row.from >= from && row.from < to);
      const sums = COMPONENT_NAMES.map((component) => own.reduce((sum, row) => sum + row[component], 0));
      expect(components, name).toEqual(sums);
    }
    expect(shown()?.windows).toHaveLength(2);
  };

  // Readiness tells of an import too, until it is stored.
  const first = new Set<string>();
  onWrite = async () => void first.add(worker.status().notes.join());
  await send(...history(now));
  await settled();
  expect([...first][0]).toBe("older figures of 1 machine are being computed");
  await compare();

  // Meanwhile new events of the machine come, and a late one.
  rowsMax = 0;
  writes = 0;
  let said = 0;
  const already = await recomputed();
  const notes = new Set<string>();
  onWrite = async () => {
    for (const note of worker.status().notes) notes.add(note);
    if (said++ > 3) return;
    now += 2 * MINUTE_MS;
    await send(event(now - 1_000, { type: "count", total: { good: 30_000 + said } }));
    if (said === 2) await send(event(at(DAYS) - 20 * MINUTE_MS, { type: "state", state: "setup" }));
  };
  await send(
    event(now, { type: "correction", from: at(1), to: at(1) + 90 * MINUTE_MS, state: "maintenance", id: "c1" }),
  );
  await until("it is computed again", async () => ((await recomputed()) > already ? true : undefined));
  // Each write so far sent an event, which causes another write.
  await until("late events came too", async () => (said > 2 ? true : undefined));
  onWrite = null;
  await settled();
  await compare();
  // Readiness named the recompute while it lasted, and does not any more.
  expect([...notes]).toContain("older figures of 1 machine are being computed");
  expect(worker.status().notes).toEqual([]);

  // Where no events come meanwhile, a write holds one step.
  rowsMax = 0;
  writes = 0;
  const before = await recomputed();
  const correction = { from: at(2), to: at(2) + 50 * MINUTE_MS, state: "setup", id: "c2" };
  await send(event(now, { type: "correction", ...correction }));
  await until("it is computed again", async () => ((await recomputed()) > before ? true : undefined));
  await settled();
  expect(writes).toBeGreaterThan(DAYS / 7);
  expect(rowsMax).toBeLessThan((8 * DAY_MS) / MINUTE_MS);
  await compare();
  await worker.close();
  await log.close();
  await opened.close();
});

function never(): never {
  throw new Error("a machine was expected");
}
