/**
 * A worker over a real store (ClickHouse in the process) and a log in memory dies before or after any of its writes: of rows, stops,
 * raw events, retractions, checkpoints, offsets. Some dead workers go on writing after another one has taken over. Events, late
 * ones, corrections and corrections of corrections come all the time, also while no worker runs. In the end the stored rows and
 * stops are those of the whole history, one by one.
 *
 * `OEE_CRASH_ROUNDS` sets the number of histories, `OEE_CRASH_SEED` the seed of the first.
 */
import { allTopics, type EventLog, openMemoryLog, topics } from "@oee/event-log";
import { type Store } from "@oee/store";
import { Worker } from "@oee/worker";
import { test } from "vitest";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { randomOf, roughHistory, roughPlant } from "./rough-history.ts";
import { expectWhole } from "./whole-history.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 2, 2, 5);
const LENGTH_MS = 9 * HOUR_MS;
const END = START + LENGTH_MS + 12_345;
const BATCHES = 14;
const ROUNDS = Number(process.env["OEE_CRASH_ROUNDS"] ?? 4);
const FIRST_SEED = Number(process.env["OEE_CRASH_SEED"] ?? 1);
/** Most workers of a history that crash; the last one runs to the end. */
const CRASHES_MAX = 9;
const CHECKPOINTS = topics("oee.", 1).checkpoints.name;

const { store } = await storeOfFile();

/** Kinds of writes at which a worker may die. */
type Write = "rows" | "stops" | "events" | "retract" | "checkpoints" | "commit";

interface Plan {
  /** The kinds of writes that are counted, after how many of them the worker dies, and whether before or after the write is done. */
  readonly at: readonly Write[];
  readonly after: number;
  readonly done: boolean;
  /** Whether its further writes are held back, and are done while another worker owns the partition. */
  readonly zombie: boolean;
}

class Life {
  readonly #plan: Plan | null;
  #writes = 0;
  over = false;
  started = false;
  /** Held-back writes of a dead worker. */
  #held: (() => void)[] = [];
  #released = false;
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;

  constructor(plan: Plan | null) {
    this.#plan = plan;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async write<T>(what: Write, work: () => Promise<T>): Promise<T> {
    const plan = this.#plan;
    if (plan === null) return work();
    const last = !this.over && plan.at.includes(what) && ++this.#writes === plan.after;
    if (last && plan.done) await work();
    if (last) {
      this.over = true;
      this.#end();
    }
    if (!this.over) return work();
    if (!plan.zombie) throw new Error("crashed");
    if (!this.#released) await new Promise<void>((resolve) => this.#held.push(resolve));
    return work();
  }

  /** Does the held-back writes. */
  release(): void {
    if (!this.over) return;
    this.#released = true;
    for (const go of this.#held) go();
    this.#held = [];
  }
}

function storeOf(life: Life): Store {
  return {
    ...store,
    insertRows: (rows, stamp) => life.write("rows", () => store.insertRows(rows, stamp)),
    insertStops: (stops, stamp, gone) => life.write("stops", () => store.insertStops(stops, stamp, gone)),
    insertDoubts: (totals, stamp) => life.write("stops", () => store.insertDoubts(totals, stamp)),
    insertEvents: (events) => life.write("events", () => store.insertEvents(events)),
    retractRows: (span, stamp) => life.write("retract", () => store.retractRows(span, stamp)),
    retractStops: (span, stamp) => life.write("retract", () => store.retractStops(span, stamp)),
    retractDoubts: (span, stamp) => life.write("retract", () => store.retractDoubts(span, stamp)),
  };
}

function logOf(log: EventLog, life: Life): EventLog {
  return {
    ensureTopics: (specs) => log.ensureTopics(specs),
    partitionsOf: (topic) => log.partitionsOf(topic),
    endsOf: (topic) => log.endsOf(topic),
    replaced: (topic) => log.replaced(topic),
    readKeyed: (topic, partitions) => log.readKeyed(topic, partitions),
    followKeyed: (options) => log.followKeyed(options),
    describe: () => log.describe(),
    stampsRecords: log.stampsRecords,
    close: () => log.close(),
    append: (topic, records) =>
      topic === CHECKPOINTS && life.started
        ? life.write("checkpoints", () => log.append(topic, records))
        : log.append(topic, records),
    consume(options) {
      const consumer = log.consume({
        ...options,
        // The group does not wait for a dead member.
        onAssigned: (partitions) => Promise.race([life.ended, life.over ? life.ended : options.onAssigned(partitions)]),
        onBatch: (batch) => Promise.race([life.ended, life.over ? life.ended : options.onBatch(batch)]),
        onRevoked: (partitions) => Promise.race([life.ended, life.over ? life.ended : options.onRevoked(partitions)]),
      });
      return {
        commit: (offsets) => life.write("commit", () => consumer.commit(offsets)),
        close: () => consumer.close(),
      };
    },
  };
}

async function live(seed: number): Promise<void> {
  const random = randomOf(seed);
  const plant = roughPlant(`r${seed}`);
  const lines = roughHistory(plant, random, { start: START, end: END });
  let now = START;
  const log = openMemoryLog({ now: () => now });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const checkpointEveryMs = random() < 0.5 ? 1 : 400;
  const catchingUpFrom = random() < 0.5 ? 1 : 10_000;
  const planOf = (): Plan => ({
    at: [
      ["rows", "stops", "events", "retract", "checkpoints", "commit"],
      ["retract"],
      ["rows", "stops"],
      ["checkpoints", "commit"],
    ][Math.floor(random() * 4)] as Write[],
    after: 1 + Math.floor(random() * 6),
    done: random() < 0.5,
    zombie: random() < 0.3,
  });
  const zombies: { readonly life: Life; readonly worker: Worker; readonly gone: Promise<void> }[] = [];
  const start = async (plan: Plan | null): Promise<{ readonly life: Life; readonly worker: Worker }> => {
    const life = new Life(plan);
    const worker = testWorker({
      log: logOf(log, life),
      topics: of,
      store: storeOf(life),
      plant,
      now: () => now,
      settings: {
        computeEveryMs: 1,
        storeEveryMs: 5,
        idleEveryMs: 200,
        checkpointEveryMs,
        catchingUpFrom,
      },
    });
    await worker.start();
    life.started = true;
    return { life, worker };
  };

  let crashes = 0;
  let current = await start(planOf());
  for (let b = 0; b < BATCHES; b++) {
    const until = START + ((b + 1) / BATCHES) * (END - START);
    const batch = lines.filter(({ arrives }) => arrives > now && arrives <= until);
    now = Math.floor(until);
    await log.append(
      of.events.name,
      batch.map(({ machine, fields }) => ({
        key: machine,
        value: Buffer.from(JSON.stringify({ machine, ...fields })),
      })),
    );
    if (!current.life.over) await settled(current);
    if (!current.life.over) continue;
    crashes++;
    const gone = current.worker.abandon();
    zombies.push({ ...current, gone });
    // Sometimes events come for a while without any worker.
    if (random() < 0.4 && b < BATCHES - 2) continue;
    current = await start(crashes < CRASHES_MAX ? planOf() : null);
    if (random() < 0.5) {
      if (random() < 0.5) await settled(current);
      for (const { life } of zombies) life.release();
    }
  }
  zombies.push({ ...current, gone: current.worker.abandon() });
  now = END;
  for (const { life } of zombies) life.release();
  const last = await start(null);
  await settled(last);
  for (const { life } of zombies) life.release();
  await Promise.all(zombies.map(({ gone }) => gone));
  await settled(last);
  await last.worker.close();
  await log.close();
  await expectWhole(store, { plant, lines, start: START, end: END }, `OEE_CRASH_SEED=${seed} (${crashes} crashes)`);
}

/** Waits until all that was sent has taken effect, or the worker has died. */
async function settled({ worker, life }: { readonly worker: Worker; readonly life: Life }): Promise<void> {
  while (!life.over) {
    const { partitions, lag, ready, recomputing } = worker.status();
    if (partitions !== 1 || !ready || lag > 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    await Promise.race([life.ended, worker.settle().catch(() => undefined)]);
    if (worker.status().recomputing === 0 && worker.status().lag === 0 && recomputing === 0) return;
  }
}

test("DI-1: what is stored after crashes at every write is what the whole history says", {
  timeout: ROUNDS * 180_000,
}, async () => {
  for (let i = 0; i < ROUNDS; i++) await live(FIRST_SEED + i);
});
