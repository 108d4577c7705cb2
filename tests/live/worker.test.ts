/**
 * The worker over a real store (ClickHouse in the process) and a log in memory: the disturbed events of a simulated plant, with
 * corrections of any age, are read by workers that crash and restart; in the end rows and stops are those of the whole history.
 * `OEE_SIMULATION_SEED` repeats a run.
 */
import { MachineHistory, PlantModel } from "@oee/engine";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { EventDecoder, isRefusal, type Plant, type Row, type StopSegment } from "@oee/model";
import { disturb, loadPlantYaml, PlantSimulation } from "@oee/simulator";
import { Worker } from "@oee/worker";
import { expect, test } from "vitest";
import { checkLiveRecord } from "../contract/check.ts";
import { anyShown } from "../support/live.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 2, 2, 5, 0);
const END = START + 7 * HOUR_MS + 12_345;
const seed = Number(process.env["OEE_SIMULATION_SEED"] ?? 7);

const { store } = await storeOfFile();

function plantOf(): Plant {
  return plantFrom(loadPlantYaml(6));
}

/** Lines of events: mostly in order, some late by up to three hours, doubled or broken; and corrections. */
function linesOf(plant: Plant): { readonly text: string; readonly at: number }[] {
  const events = new PlantSimulation(plant, { seed, from: START }).nextUntil(END);
  const disturbed = disturb(events, {
    seed,
    late: { probability: 0.02, delayMaxMs: 3 * HOUR_MS },
    doubled: 0.03,
    reordered: { probability: 0.1, within: 20 },
    malformed: 0.01,
  });
  const lines = [...disturbed].map(({ text }, i) => ({ text, place: i }));
  const corrections = plant.machines.flatMap((machine, m) =>
    Array.from({ length: 4 }, (_, i) => {
      const from = START + ((m * 37 + i * 101 + seed) % 380) * MINUTE_MS + i * 777;
      const span = { from: new Date(from).toISOString(), to: new Date(from + (10 + i * 13) * MINUTE_MS).toISOString() };
      const what = [
        { state: "down", reason: "mechanical/x" },
        { reason: "no-orders" },
        { clear: true },
        { state: "running" },
      ][i];
      const text = JSON.stringify({
        type: "correction",
        machine: machine.id,
        at: new Date(START).toISOString(),
        id: `c${m}-${i}`,
        by: "anna",
        ...span,
        ...what,
      });
      return { text, place: Math.floor(lines.length * (0.3 + 0.15 * i)) + 0.5 };
    }),
  );
  let newest = START;
  return [...lines, ...corrections]
    .sort((a, b) => a.place - b.place)
    .map(({ text }) => {
      const at = /"at":"?([^",}]+)/.exec(text)?.[1] ?? "";
      const instant = text.includes('"correction"')
        ? newest
        : (/^\d+$/.test(at) ? Number(at) : Date.parse(at)) || newest;
      newest = Math.max(newest, Math.min(instant, END));
      return { text, at: newest };
    });
}

function machineOf(text: string): string | null {
  return /"machine":"([^"]+)"/.exec(text)?.[1] ?? null;
}

test("P-5: the rows and stops that workers store, through crashes and disorder, are those of the whole history", async () => {
  const plant = plantOf();
  const lines = linesOf(plant);
  let now = START;
  const log = openMemoryLog({ now: () => now });
  const of = topics("oee.", 2);
  await log.ensureTopics(allTopics(of));
  const start = async (): Promise<Worker> => {
    const worker = testWorker({
      log,
      topics: of,
      store,
      plant,
      live: { publish: (records) => records.forEach(checkLiveRecord), onShown: anyShown },
      now: () => now,
      settings: {
        computeEveryMs: 1,
        storeEveryMs: 30,
        idleEveryMs: 200,
        checkpointEveryMs: 100,
      },
    });
    await worker.start();
    return worker;
  };
  const letters: string[] = [];
  const follower = log.followKeyed({
    topic: of.deadLetters.name,
    onBatch: (batch) => {
      for (let i = 0; i < batch.length; i++) letters.push(batch.headersAt(i)["error"]?.toString() ?? "");
    },
  });

  let worker = await start();
  const encoder = new TextEncoder();
  const batch = Math.ceil(lines.length / 24);
  for (let i = 0, turn = 0; i < lines.length; i += batch, turn++) {
    const slice = lines.slice(i, i + batch);
    now = Math.max(now, slice.at(-1)?.at ?? now);
    await log.append(
      of.events.name,
      slice.map(({ text }) => ({ key: machineOf(text), value: encoder.encode(text) })),
    );
    if (turn % 5 === 4) await caughtUp(worker);
    else await new Promise((resolve) => setTimeout(resolve, (turn * seed * 17) % 90));
    if (turn % 3 === 2) {
      // A crash at any point: no further write of the worker reaches the log or the store.
      await worker.abandon();
      worker = await start();
    }
  }
  now = END;
  await caughtUp(worker);
  await worker.settle();
  await worker.settle();
  await worker.close();
  await follower.close();
  await log.close();

  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
  const model = new PlantModel(plant);
  const histories = new Map(plant.machines.map((machine) => [machine.id, new MachineHistory(model, machine)]));
  let refused = 0;
  for (const { text } of lines) {
    const bytes = encoder.encode(text);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) refused++;
    else histories.get(event.machine.id)?.accept(event);
  }
  expect(refused).toBeGreaterThan(10);
  expect(letters.length).toBeGreaterThanOrEqual(refused);
  for (const machine of plant.machines) {
    const history = histories.get(machine.id) as MachineHistory;
    const from = Math.floor(history.first / MINUTE_MS) * MINUTE_MS;
    const whole = history.evaluate({ from, to: END, now: END, cuts: "minutes" });
    const stored: Row[] = [];
    for await (const rows of store.rows({
      machines: [machine.id],
      period: { from: START - 24 * HOUR_MS, to: START + 24 * HOUR_MS },
    })) {
      stored.push(...rows.map(({ version: _, plantVersion: __, ...row }) => row));
    }
    expect(inOrder(stored), machine.id).toEqual(inOrder(whole.rows));
    const { stops } = await store.stops({
      machines: [machine.id],
      period: { from: START - 24 * HOUR_MS, to: START + 24 * HOUR_MS },
      limit: 10_000,
    });
    expect([...stops].sort((a: StopSegment, b: StopSegment) => a.from - b.from)).toEqual(whole.stops);
  }
});

async function caughtUp(worker: Worker): Promise<void> {
  const isCaughtUp = ({ partitions, lag, ready, recomputing }: ReturnType<Worker["status"]>): boolean =>
    partitions === 2 && ready && lag === 0 && recomputing === 0;
  await expect.poll(() => worker.status(), { interval: 5 }).toSatisfy(isCaughtUp);
}

function inOrder(rows: readonly Row[]): Row[] {
  const key = (row: Row): string => JSON.stringify([row.product, row.shift, row.shiftDate]);
  return [...rows].sort((a, b) => a.from - b.from || (key(a) < key(b) ? -1 : 1));
}
