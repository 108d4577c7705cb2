/**
 * The stage of the comparison: a Kafka broker of its own with one topic of events, which each contestant reads alone from the
 * beginning, and from which each must compute the same sums.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allTopics, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import kafkajs, { type Admin, type Kafka } from "kafkajs";
import { startBroker } from "../../tests/kafka/broker.ts";
import { CONTESTANTS, ROOT, type Task } from "./contestants.ts";
import { fill, type Filled, type Packing, type Sums } from "./topic.ts";
import { type ThreadTimes, threadTimesOf, type Usage, usageOfTree } from "./usage.ts";

const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 200;
const PATIENCE_MS = 1_200_000;
const PREFIX = "peers.";
/** The consumer group of `oee`. */
const GROUP = "oee-worker";
const of = topics(PREFIX);

export interface Result {
  /** µs of processor time an event, over all and over the second half of the events. */
  readonly overAll: number;
  readonly steady: number;
  readonly perSecond: number;
  /** The most resident memory, MiB. */
  readonly memory: number;
  /** µs an event, of the process's own threads. */
  readonly threads: ThreadTimes;
  /** Seconds from the contestant's start until it had taken all events. */
  readonly seconds: number;
}

export interface Run {
  readonly name: string;
  readonly round: number;
  /** The checkout whose `oee` runs; this one where it is missing. */
  readonly root?: string;
  /** A folder for a profile of the main thread of `oee`. */
  readonly profile?: string | undefined;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How many machines send one count a second each, and for how many seconds. */
export interface Load {
  readonly machines: number;
  readonly seconds: number;
}

/** How events lie in records. */
export type Packed = Pick<Packing, "perRecord" | "arrow">;

const SINGLE: Packed = { perRecord: 1, arrow: false };

export class Stage {
  readonly #load: Load;
  readonly #brokers: string;
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #close: () => Promise<void>;
  #from = 0;
  #filled: Filled | null = null;

  private constructor(load: Load, brokers: string, kafka: Kafka, admin: Admin, close: () => Promise<void>) {
    this.#load = load;
    this.#brokers = brokers;
    this.#kafka = kafka;
    this.#admin = admin;
    this.#close = close;
  }

  /** Starts a broker. */
  static async open(load: Load): Promise<Stage> {
    const broker = await startBroker();
    const kafka = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    return new Stage(load, broker.brokers.join(), kafka, admin, async () => {
      await admin.disconnect();
      await broker.stop();
    });
  }

  /**
   * Fills the topic anew with events that end within the last minute; answers their number. Once a round: `oee` moves each machine on
   * to now, and of a topic of an hour ago it would make an hour of rows that its peers do not make.
   */
  async fill(packed: Packed = SINGLE): Promise<number> {
    const { machines, seconds } = this.#load;
    if (this.#filled !== null) await untilDone(() => this.#admin.deleteTopics({ topics: [of.events.name] }));
    await this.#ensureTopics();
    this.#from = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - Math.ceil(seconds / 60) * MINUTE_MS;
    const log = openKafkaLog({ client: { brokers: this.#brokers.split(",") } });
    try {
      const filling = { machines, seconds, ...packed, from: this.#from, partitions: of.events.partitions };
      this.#filled = await fill(log, of.events.name, filling);
    } finally {
      await log.close();
    }
    return this.#filled.events;
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Runs a contestant until it has taken all events, and compares its sums. */
  async run({ name, round, root = ROOT, profile }: Run): Promise<Result> {
    const contestant = CONTESTANTS[name];
    if (contestant === undefined) throw new Error(`no contestant ${name}; expected ${Object.keys(CONTESTANTS).join()}`);
    if (this.#filled === null) throw new Error("the topic is not filled");
    const { events, sums: expected, to } = this.#filled;
    const folder = mkdtempSync(join(tmpdir(), "oee-peers-"));
    const group = `${name}-${round}-${Date.now()}`;
    const rows = `rows-${group}`;
    // A busy broker answers before the new topic has a leader, so this is repeated.
    await untilDone(() =>
      this.#admin.createTopics({ topics: [{ topic: rows, numPartitions: 1 }], waitForLeaders: true }),
    );
    const task: Task = {
      ...{ brokers: this.#brokers, prefix: PREFIX, events: of.events.name, rows, group, folder, root, profile },
      ...{ machines: this.#load.machines, from: this.#from, to },
    };
    const began = Date.now();
    const { process: child, taken, sums } = await contestant(task);
    const pid = child.pid ?? 0;
    try {
      let first: { readonly usage: Usage; readonly taken: number } | null = null;
      for (let now = 0; now < events; ) {
        await wait(LOOK_EVERY_MS);
        if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
        if (Date.now() - began > PATIENCE_MS) throw new Error(`${name} has taken ${now} of ${events} events`);
        now = await taken();
        if (first === null && now >= events / 2) first = { usage: usageOfTree(pid), taken: now };
      }
      const usage = usageOfTree(pid);
      const { main, helpers, others } = threadTimesOf(pid);
      const seconds = (Date.now() - began) / 1000;
      await agree(name, sums ?? (() => this.#sumsOf(rows, to)), expected);
      const half = first !== null && first.taken < events ? first : { usage: { cpu: 0 }, taken: 0 };
      return {
        overAll: (usage.cpu * 1e6) / events,
        steady: ((usage.cpu - half.usage.cpu) * 1e6) / (events - half.taken),
        perSecond: events / seconds,
        memory: usage.memory,
        threads: { main: (main * 1e6) / events, helpers: (helpers * 1e6) / events, others: (others * 1e6) / events },
        seconds,
      };
    } finally {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await Promise.race([once(child, "exit"), wait(20_000).then(() => child.kill("SIGKILL"))]);
      }
      rmSync(folder, { recursive: true, force: true });
      if (name.startsWith("oee")) await this.#clear();
    }
  }

  /** The sums of the rows that a peer wrote; a minute that was written twice counts once. */
  async #sumsOf(topic: string, to: number): Promise<Sums> {
    const end = Number((await this.#admin.fetchTopicOffsets(topic))[0]?.offset ?? 0);
    const rows = new Map<string, { good: number; runMs: number }>();
    const consumer = this.#kafka.consumer({ groupId: `sums-of-${topic}-${Date.now()}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let read = 0;
    await consumer.run({
      eachBatch: async ({ batch }) => {
        for (const { value, offset } of batch.messages) {
          const row = JSON.parse(value?.toString() ?? "") as {
            machine: string;
            from: number;
            good: number;
            runMs: number;
          };
          if (row.from + MINUTE_MS <= to) rows.set(`${row.machine} ${row.from}`, row);
          read = Number(offset) + 1;
        }
      },
    });
    // The last offset of a transaction or batch may hold no record, so the wait for the end is bounded.
    for (let waited = 0; read < end && waited < 20_000; waited += LOOK_EVERY_MS) await wait(LOOK_EVERY_MS);
    await consumer.disconnect();
    let [good, runMs] = [0, 0];
    for (const row of rows.values()) {
      good += row.good;
      runMs += row.runMs;
    }
    return { good, runMs };
  }

  /** Deletes the topics and group of a run of `oee`, so that the next run does not go on from it. */
  async #clear(): Promise<void> {
    await untilDone(() => this.#admin.deleteTopics({ topics: [of.layout.name, of.checkpoints.name, of.live.name] }));
    await this.#ensureTopics();
    const { groups } = await this.#admin.listGroups();
    // There is none where `oee` did not start; it can be deleted once its members are gone.
    if (groups.some(({ groupId }) => groupId === GROUP)) await untilDone(() => this.#admin.deleteGroups([GROUP]));
  }

  /** The broker answers before all of its parts know of a deletion, so this is repeated. */
  async #ensureTopics(): Promise<void> {
    await untilDone(async () => {
      const log = openKafkaLog({ client: { brokers: this.#brokers.split(",") } });
      await log.ensureTopics(allTopics(of)).finally(() => log.close());
    });
  }
}

async function agree(name: string, sums: () => Promise<Sums>, expected: Sums): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const { good, runMs } = await sums();
    if (good === expected.good && runMs === expected.runMs) return;
    if (Date.now() > giveUpAt) {
      throw new Error(`${name}: ${good} good and ${runMs} ms, expected ${expected.good} and ${expected.runMs}`);
    }
    await wait(1000);
  }
}

async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === 60) throw error;
      await wait(1000);
    }
  }
}

/** The least, the middle and the greatest of some numbers. */
export function spreadOf(numbers: readonly number[]): {
  readonly least: number;
  readonly middle: number;
  readonly most: number;
} {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  return { least: at(0), middle: at(sorted.length >> 1), most: at(sorted.length - 1) };
}

export function told({ overAll, steady, perSecond, memory }: Result): string {
  return `${overAll.toFixed(1)} µs/event (${steady.toFixed(1)}), ${perSecond.toFixed(0)} events/s, ${memory.toFixed(0)} MiB`;
}
