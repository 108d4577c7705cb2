/**
 * A part of production that is judged anew long after it began (TL-9): the machine says that it runs and makes nothing for longer
 * than an engine holds, until a pulse ends the part, which makes its first cycle running time. Live, and in a later recompute of
 * that time, rows and stops are those of the whole history.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { PlantModel } from "@oee/engine";
import type { Plant } from "@oee/model";
import { expect, test } from "vitest";
import { recomputeMachine } from "../../services/oee/src/live/recompute-machine.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import type { Line } from "./rough-history.ts";
import { expectWhole } from "./whole-history.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 2, 2, 5);

const { store } = await storeOfFile();

/**
 * Of a machine that says every ten minutes that nothing was made, `hours` long, then makes pieces for three hours. What it says
 * first: that it runs, or, of one without states, a pulse.
 */
function linesOf(machine: string, hours: number, states: boolean): Line[] {
  const lines: Line[] = [];
  const say = (at: number, fields: object): void =>
    void lines.push({ machine, arrives: at, fields: { ...fields, at } });
  say(START, states ? { type: "state", state: "running" } : { type: "count", good: 1 });
  const pulseAt = START + hours * HOUR_MS;
  for (let at = START + 10 * MINUTE_MS; at < pulseAt; at += 10 * MINUTE_MS) say(at, { type: "count", good: 0 });
  for (let at = pulseAt; at <= pulseAt + 3 * HOUR_MS; at += 5 * MINUTE_MS) say(at, { type: "count", good: 1 });
  return lines;
}

/** A worker of a plant of one machine, on a log in memory. */
async function workerOf(plant: Plant, now: () => number) {
  const log = openMemoryLog({ now });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const worker = testWorker({
    log,
    topics: of,
    store,
    plant,
    now,
    settings: { computeEveryMs: 1, storeEveryMs: 5, idleEveryMs: 200, checkpointEveryMs: 1 },
  });
  await worker.start();
  return {
    worker,
    settled: async (): Promise<void> => {
      await until("a worker that has nothing to do", async () => {
        const before = worker.status();
        if (!before.ready || before.partitions !== 1 || before.lag > 0) return undefined;
        await worker.settle();
        return worker.status().recomputing === 0 && worker.status().lag === 0 ? true : undefined;
      });
    },
    append: (some: readonly Line[]): Promise<unknown> =>
      log.append(
        of.events.name,
        some.map(({ machine, fields }) => ({
          key: machine,
          value: Buffer.from(JSON.stringify({ machine, ...fields })),
        })),
      ),
    close: async (): Promise<void> => {
      await worker.close();
      await log.close();
    },
  };
}

test.each([
  [5, "live", true],
  [5, "at once", true],
  [80, "live", true],
  [80, "at once", true],
  [30, "live", false],
] as const)("TL-9: a part of %i hours that a pulse ends, told %s, with states: %s", async (hours, how, states) => {
  const plant = plantFrom(
    `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { p${hours}${how[0]}: { idealCycleSeconds: 200, pulseGap: 6m } } } } } } } }
`,
  );
  const [machine] = plant.machines;
  if (machine === undefined) throw new Error("a machine was expected");
  const lines = linesOf(machine.id, hours, states);
  const end = Math.max(...lines.map(({ arrives }) => arrives)) + 1;
  let now = how === "live" ? START : end;
  const { worker, append, settled, close } = await workerOf(plant, () => now);
  const all = [...lines];
  if (how === "live") {
    const piecesMs = 2 * HOUR_MS;
    for (let from = START; from < end; from += piecesMs) {
      now = Math.min(end, from + piecesMs);
      await append(lines.filter(({ arrives }) => arrives >= from && arrives < from + piecesMs));
      await settled();
    }
  } else {
    await append(lines);
    await settled();
  }
  await expectWhole(store, { plant, lines: all, start: START, end }, `${hours} h, ${how}`);

  // A correction before it has all of it recomputed.
  const span = { from: START - HOUR_MS, to: START - 30 * MINUTE_MS };
  const correction = { type: "correction", ...span, at: end, id: "c", by: "anna", state: "setup" };
  all.push({ machine: machine.id, arrives: end, fields: correction });
  now = end;
  await append(all.slice(-1));
  await settled();
  await expectWhole(store, { plant, lines: all, start: START, end }, `${hours} h, ${how}, computed again`);
  expect(worker.status().recomputing).toBe(0);

  // `oee verify` computes it in pieces.
  const whole = { from: START - 2 * HOUR_MS, to: end };
  for await (const piece of recomputeMachine(
    store,
    new PlantModel(plant),
    machine,
    whole,
    () => undefined,
    2 * HOUR_MS,
  )) {
    const stored = piece.stored.map(({ version: _, plantVersion: __, ...row }) => row);
    expect(stored.sort((a, b) => a.from - b.from)).toEqual(piece.rows);
  }
  await close();
});

test("TL-9, DI-1: a correction of time before such a part holds, though the part is found out in the same piece", async () => {
  const plant = plantFrom(
    `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { earlier: { idealCycleSeconds: 200, pulseGap: 6m } } } } } } } }
`,
  );
  const [machine] = plant.machines;
  if (machine === undefined) throw new Error("a machine was expected");
  // Before it the machine runs for an hour in four: each time a recompute may begin there.
  const begin = START - 40 * HOUR_MS;
  const all = linesOf(machine.id, 30, true);
  for (let at = begin; at < START; at += 4 * HOUR_MS) {
    for (const [after, fields] of [
      [0, { type: "state", state: "running" }],
      [MINUTE_MS, { type: "count", good: 1 }],
      [HOUR_MS, { type: "state", state: "setup" }],
    ] as const) {
      all.push({ machine: machine.id, arrives: at + after, fields: { ...fields, at: at + after } });
    }
  }
  // So long after it that the engine that goes on holds none of it.
  const end = Math.max(...all.map(({ arrives }) => arrives)) + 72 * HOUR_MS;
  const { append, settled, close } = await workerOf(plant, () => end);
  await append(all.toSorted((a, b) => a.arrives - b.arrives));
  await settled();
  await expectWhole(store, { plant, lines: all, start: begin, end }, "before the correction");
  const span = { from: begin + 5 * HOUR_MS, to: begin + 7 * HOUR_MS };
  const correction = { type: "correction", ...span, at: end, id: "c", by: "anna", state: "down" };
  all.push({ machine: machine.id, arrives: end, fields: correction });
  await append(all.slice(-1));
  await settled();
  await expectWhole(store, { plant, lines: all, start: begin, end }, "after the correction");
  await close();
});
