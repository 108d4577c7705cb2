/**
 * The stream path beside what a user would pick instead, on the same topic of a real Kafka broker: each contestant reads
 * the same events from the beginning, makes a minute row of good pieces and running time of each machine, and must come to
 * the same sums. They run in turn, each alone; printed are medians and the spread. Needs what `tests/prepare.sh` installs
 * and a JDK.
 *
 *     npm run build && npx tsx -C @oee/source benchmarks/peers/run.ts [--machines 1000] [--seconds 240] [--rounds 3] [--only oee,flink] [--profile FOLDER]
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allTopics, openKafkaLog, topics } from "@oee/event-log";
import kafkajs from "kafkajs";
import { startBroker } from "../../tests/kafka/broker.ts";
import { CONTESTANTS, type Task } from "./contestants.ts";
import { fill, type Sums } from "./topic.ts";
import { type Usage, usageOfTree } from "./usage.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "1000" },
    seconds: { type: "string", default: "240" },
    rounds: { type: "string", default: "3" },
    profile: { type: "string" },
    only: { type: "string", default: Object.keys(CONTESTANTS).join() },
  },
});
const machines = Number(values.machines);
const seconds = Number(values.seconds);
const names = values.only.split(",");
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 200;
const PATIENCE_MS = 600_000;
const PREFIX = "peers.";
const of = topics(PREFIX);

interface Result {
  /** µs of processor time an event, over all and over the second half of the events. */
  readonly overAll: number;
  readonly steady: number;
  readonly perSecond: number;
  readonly memory: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const broker = await startBroker();
const brokers = broker.brokers.join();
const log = openKafkaLog({ client: { brokers: broker.brokers } });
const kafka = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
try {
  await log.ensureTopics(allTopics(of));
  const from = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - (Math.ceil(seconds / 60) + 5) * MINUTE_MS;
  const filled = await fill(log, of.events.name, { machines, seconds, from });
  console.log(`${filled.events} events of ${machines} machines in ${seconds} s, ${of.events.partitions} partitions`);
  const results = new Map<string, Result[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const name of names) {
      const result = await run(name, round, filled.events, filled.sums, { from, to: filled.to });
      results.get(name)?.push(result);
      console.log(`  ${round} ${name}: ${told(result)}`);
    }
  }
  console.log("\n| | CPU µs/event | steady | events/s | MiB |\n| --- | --- | --- | --- | --- |");
  for (const [name, all] of results) {
    const column = (key: keyof Result, digits: number): string => {
      const sorted = all.map((result) => result[key]).toSorted((a, b) => a - b);
      const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((value) =>
        value?.toFixed(digits),
      );
      return `${middle} (${least} to ${most})`;
    };
    console.log(
      `| ${name} | ${column("overAll", 1)} | ${column("steady", 1)} | ${column("perSecond", 0)} | ${column("memory", 0)} |`,
    );
  }
} finally {
  await admin.disconnect();
  await log.close();
  await broker.stop();
}

async function run(
  name: string,
  round: number,
  events: number,
  expected: Sums,
  span: Pick<Task, "from" | "to">,
): Promise<Result> {
  const contestant = CONTESTANTS[name];
  if (contestant === undefined) throw new Error(`no contestant ${name}; expected ${Object.keys(CONTESTANTS).join()}`);
  const folder = mkdtempSync(join(tmpdir(), "oee-peers-"));
  const group = `${name}-${round}`;
  const rows = `rows-${group}`;
  await admin.createTopics({ topics: [{ topic: rows, numPartitions: 1 }], waitForLeaders: true });
  const task = {
    brokers,
    prefix: PREFIX,
    events: of.events.name,
    rows,
    group,
    folder,
    machines,
    ...span,
    profile: values.profile,
  };
  const began = Date.now();
  const { process: child, taken, sums } = await contestant(task);
  const pid = child.pid ?? 0;
  try {
    let first: { readonly at: number; readonly usage: Usage; readonly taken: number } | null = null;
    for (let now = 0; now < events; ) {
      await wait(LOOK_EVERY_MS);
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
      if (Date.now() - began > PATIENCE_MS) throw new Error(`${name} has taken ${now} of ${events} events`);
      now = await taken();
      if (first === null && now >= events / 2) first = { at: Date.now(), usage: usageOfTree(pid), taken: now };
    }
    const usage = usageOfTree(pid);
    const perSecond = (events * 1000) / (Date.now() - began);
    await agree(name, sums ?? (() => sumsOf(rows, span.to)), expected);
    const half = first !== null && first.taken < events ? first : { usage: { cpu: 0 }, taken: 0 };
    return {
      overAll: (usage.cpu * 1e6) / events,
      steady: ((usage.cpu - half.usage.cpu) * 1e6) / (events - half.taken),
      perSecond,
      memory: usage.memory,
    };
  } finally {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await Promise.race([once(child, "exit"), wait(20_000).then(() => child.kill("SIGKILL"))]);
    }
    rmSync(folder, { recursive: true, force: true });
    if (name === "oee") await clear();
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

/** Of the rows that a peer wrote, each minute once, though it may have been written twice. */
async function sumsOf(topic: string, to: number): Promise<Sums> {
  const end = Number((await admin.fetchTopicOffsets(topic))[0]?.offset ?? 0);
  const rows = new Map<string, { good: number; runMs: number }>();
  const consumer = kafka.consumer({ groupId: `sums-of-${topic}-${Date.now()}` });
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
  // A transaction's or batch's last offset may hold no record, so the end is not waited for without end.
  for (let waited = 0; read < end && waited < 20_000; waited += LOOK_EVERY_MS) await wait(LOOK_EVERY_MS);
  await consumer.disconnect();
  let [good, runMs] = [0, 0];
  for (const row of rows.values()) {
    good += row.good;
    runMs += row.runMs;
  }
  return { good, runMs };
}

/** Nothing of a run of `oee` is left for the next one, which would go on from it. */
async function clear(): Promise<void> {
  await untilDone(() => admin.deleteTopics({ topics: [of.checkpoints.name, of.live.name] }));
  // The broker answers before every part of it knows.
  await untilDone(() => log.ensureTopics(allTopics(of)));
  // A group can be deleted once its members are gone.
  await untilDone(() => admin.deleteGroups(["oee-worker"]));
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

function told({ overAll, steady, perSecond, memory }: Result): string {
  return `${overAll.toFixed(1)} µs/event (${steady.toFixed(1)}), ${perSecond.toFixed(0)} events/s, ${memory.toFixed(0)} MiB`;
}
