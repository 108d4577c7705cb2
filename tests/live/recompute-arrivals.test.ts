/**
 * DI-1: an event that comes at any moment of a recompute counts exactly once. A recompute waits at reads and writes of the store,
 * so the tests have events come there, and let the recompute go on when the worker has taken them.
 */
import { allTopics, type EventLog, openMemoryLog, type Topics, topics } from "@oee/event-log";
import { type Plant } from "@oee/model";
import { type Store } from "@oee/store";
import { Worker, workerMetrics } from "@oee/worker";
import { Registry } from "prom-client";
import { test } from "vitest";
import { anyShown } from "../support/live.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { expectWhole } from "./whole-history.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 2, 16, 12);

const { store } = await storeOfFile();

type Fields = Readonly<Record<string, unknown>> & { readonly at: number };

const count = (at: number): Fields => ({ type: "count", at, good: 1 });

/** Whether a question to the store is that of a recompute for the events of a span. */
function isRead({ machine, order, types }: Parameters<Store["events"]>[0], wanted: string): boolean {
  return machine === wanted && order === "time" && (types ?? []).includes("count");
}

/** A worker for one machine over a store whose calls the test sees. Its clock stands at `NOW`. */
class Scene {
  readonly machine: string;
  readonly #plant: Plant;
  readonly #log: EventLog;
  readonly #topics: Topics;
  readonly #worker: Worker;
  readonly #metrics = new Registry();
  readonly #told: Fields[] = [];
  /** The instant of the newest event that was computed. */
  #computedTo = -Infinity;

  private constructor(name: string, watched: (scene: Scene) => Partial<Store>) {
    this.machine = `s/a/l/${name}`;
    const plant = plantFrom(
      `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${name}: { idealCycleSeconds: 1 } } } } } } } }\n`,
    );
    this.#plant = plant;
    this.#log = openMemoryLog();
    this.#topics = topics("oee.", 1);
    this.#worker = testWorker({
      log: this.#log,
      topics: this.#topics,
      store: { ...store, ...watched(this) },
      plant: this.#plant,
      live: {
        publish: (records) => {
          for (const record of records) {
            if ("lastEventAt" in record) this.#computedTo = Math.max(this.#computedTo, record.lastEventAt ?? -Infinity);
          }
        },
        onShown: anyShown,
      },
      now: () => NOW,
      metrics: workerMetrics(this.#metrics),
      settings: { computeEveryMs: 1, storeEveryMs: 5, allowedLatenessMs: 20 * MINUTE_MS },
    });
  }

  static async start(name: string, watched: (scene: Scene) => Partial<Store>): Promise<Scene> {
    const scene = new Scene(name, watched);
    await scene.#log.ensureTopics(allTopics(scene.#topics));
    await scene.#worker.start();
    return scene;
  }

  /** Resolves when the worker has taken the events, and computed up to the newest of all. */
  async say(...events: readonly Fields[]): Promise<void> {
    this.#told.push(...events);
    const records = events.map((fields) => ({
      key: this.machine,
      value: Buffer.from(JSON.stringify({ machine: this.machine, ...fields })),
    }));
    await this.#log.append(this.#topics.events.name, records);
    const newest = Math.max(...this.#told.map(({ type, at }) => (type === "correction" ? -Infinity : at)));
    await until("the events to be taken", async () => {
      const { values } = (await this.#metrics.getSingleMetric("oee_worker_events_total")?.get()) ?? { values: [] };
      const taken = values.reduce((sum, { value }) => sum + value, 0);
      return taken === this.#told.length && this.#computedTo >= newest ? true : undefined;
    });
  }

  async settled(): Promise<void> {
    await until("a worker that has nothing to do", async () => {
      await this.#worker.settle();
      const { recomputing, lag } = this.#worker.status();
      return recomputing === 0 && lag === 0 ? true : undefined;
    });
  }

  async end(): Promise<void> {
    await this.settled();
    const lines = this.#told.map((fields) => ({ machine: this.machine, fields }));
    const start = Math.min(...this.#told.map(({ at }) => at));
    await expectWhole(store, { plant: this.#plant, lines, start, end: NOW }, "at the end");
    await this.#worker.close();
    await this.#log.close();
  }
}

test("DI-1: a recompute that cannot take the live engine's place, since an event came while it read the rest, counts nothing twice", async () => {
  let meanwhile = false;
  const scene = await Scene.start("rest", (watched) => ({
    async *events(span) {
      yield* store.events(span);
      // Only the question for the rest has no end.
      if (!meanwhile || !isRead(span, watched.machine) || (span.to ?? 0) <= NOW) return;
      meanwhile = false;
      // The newest event moves on the time that the engine holds, so that the other one lies before it, and after the recompute's time.
      await watched.say(count(NOW - MINUTE_MS));
      await watched.say(count(NOW - 70 * MINUTE_MS));
    },
  }));
  await scene.say({ type: "state", at: NOW - 5 * HOUR_MS, state: "running" }, count(NOW - 4 * HOUR_MS));
  await scene.say(count(NOW - 61 * MINUTE_MS), count(NOW - 60 * MINUTE_MS));
  await scene.settled();
  meanwhile = true;
  await scene.say(count(NOW - 3 * HOUR_MS));
  await scene.end();
});

test("DI-1: a correction of time that a recompute has not reached, which comes while it stores events, is not left out", async () => {
  let [late, held, stores] = [false, false, false];
  let isPieceStored = false;
  let pieceStored: () => void = () => (isPieceStored = true);
  const scene = await Scene.start("correction", (watched) => ({
    async *events(span) {
      yield* store.events(span);
      // The first of two pieces.
      if (!late || !isRead(span, watched.machine) || (span.to ?? Infinity) > NOW) return;
      [late, held, isPieceStored] = [false, true, false];
      await watched.say(count(NOW - 12 * HOUR_MS));
    },
    async retractStops(span, stamp) {
      await store.retractStops(span, stamp);
      pieceStored();
    },
    async insertEvents(events) {
      if (held) {
        // The worker is about to store the late count by its timer: the write is held until the recompute wants to store too.
        [held, stores] = [false, true];
        if (!isPieceStored) await new Promise<void>((resolve) => (pieceStored = resolve));
        await watched.say(count(NOW - 11 * HOUR_MS));
      } else if (stores) {
        // The recompute stores the other count.
        stores = false;
        const [from, to] = [NOW - 18 * HOUR_MS, NOW - 12 * HOUR_MS];
        await watched.say({ type: "correction", at: NOW, from, to, state: "setup", by: "anna" });
      }
      await store.insertEvents(events);
    },
  }));
  const began = NOW - 8 * DAY_MS;
  await scene.say({ type: "state", at: began, state: "running" }, { type: "state", at: NOW - HOUR_MS, state: "down" });
  await scene.settled();
  late = true;
  await scene.say(count(began + HOUR_MS));
  await scene.end();
});
