/**
 * Events in other partitions than their machine's, on a real Kafka: by librdkafka's partitioner, in any partition, and because the
 * topic was given more partitions while workers run, with crashes in between. Each event counts once, and status names the
 * producer's setting or the command that helps.
 */
import { userInfo } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import { MachineHistory, PlantModel } from "@oee/engine";
import { allTopics, type EventLog, partitionOf, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { EventDecoder, isRefusal, type Row } from "@oee/model";
import { Worker, workerMetrics } from "@oee/worker";
import kafkajs from "kafkajs";
import { Registry } from "prom-client";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type SharedBroker, sharedBroker } from "../kafka/broker.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { runOee, until } from "./oee-process.ts";
import { checkLiveRecord } from "../contract/check.ts";
import { anyShown } from "../support/live.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 2, 2, 5, 0);
const NOW = START + 50 * MINUTE_MS;
const PLANT = `enterprise: acme
timezone: UTC
sites:
  berlin:
    areas:
      packing:
        lines:
          l1:
            machines:
              filler: &machine { idealCycleSeconds: 1 }
              labeller: *machine
              packer: *machine
  campinas:
    areas:
      hall:
        lines:
          presses:
            machines:
              p1: *machine
              p2: *machine
`;
const { store } = await storeOfFile();
let broker: SharedBroker;

beforeAll(async () => {
  broker = await sharedBroker();
});

const plant = plantFrom(PLANT);
const model = new PlantModel(plant);
const machines = plant.machines.map(({ id }) => id);

async function auditOf(log: EventLog, topic: string): Promise<readonly { readonly kind: string }[]> {
  const lines: { readonly kind: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    const follower = log.followKeyed({
      topic,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) lines.push(JSON.parse(String(batch.valueAt(i))) as { kind: string });
      },
      onCaughtUp: () => void follower.close().then(resolve, reject),
    });
  });
  return lines;
}

/** The events that were sent, by machine, in order. */
const sent = new Map<string, string[]>(machines.map((id) => [id, []]));
let instant = START;

/** Counts and states, without ids, of each machine in turn. */
function nextLines(rounds: number): { readonly machine: string; readonly text: string }[] {
  const lines: { machine: string; text: string }[] = [];
  for (let i = 0; i < rounds; i++) {
    instant += 777;
    for (const [m, machine] of machines.entries()) {
      const what =
        (i + m) % 9 === 0
          ? { type: "state", state: i % 2 === 0 ? "running" : "down" }
          : { type: "count", good: (i % 3) + 1 };
      lines.push({ machine, text: JSON.stringify({ ...what, machine, at: instant }) });
    }
  }
  return lines;
}

/** The rows of a machine over all minutes from its first to its last event. */
function expectedRows(machine: string): Row[] {
  const history = new MachineHistory(model, plant.machineById.get(machine) as never);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  for (const text of sent.get(machine) ?? []) {
    const bytes = Buffer.from(text);
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    history.accept(event);
  }
  const from = Math.floor(history.first / MINUTE_MS) * MINUTE_MS;
  return [...history.evaluate({ from, to: NOW, now: NOW, cuts: "minutes" }).rows];
}

async function storedRows(machine: string): Promise<Row[]> {
  const stored: Row[] = [];
  const period = { from: START - 24 * HOUR_MS, to: START + 24 * HOUR_MS };
  for await (const rows of store.rows({ machines: [machine], period })) {
    stored.push(...rows.map(({ version: _, plantVersion: __, ...row }) => row));
  }
  return stored.toSorted((a, b) => a.from - b.from);
}

test("P-5: right keys in wrong partitions, and partitions added, change no number; status says what to do", async () => {
  const brokers = [...broker.brokers];
  const prefix = `partitions-${process.pid}.`;
  const of = topics(prefix, 8);
  const sender = openKafkaLog({ client: { brokers } });
  await sender.ensureTopics(allTopics(of));
  const registry = new Registry();
  const metrics = workerMetrics(registry);
  const start = async (): Promise<{ worker: Worker; end(how: "close" | "abandon"): Promise<void> }> => {
    const log = openKafkaLog({ client: { brokers } });
    const worker = testWorker({
      log,
      topics: of,
      store,
      plant,
      live: { publish: (records) => records.forEach(checkLiveRecord), onShown: anyShown },
      now: () => NOW,
      metrics,
      settings: {
        ...{ computeEveryMs: 1, storeEveryMs: 50, idleEveryMs: 500, checkpointEveryMs: 200, watchEveryMs: 500 },
      },
    });
    await worker.start();
    let ended = false;
    const end = async (how: "close" | "abandon"): Promise<void> => {
      if (ended) return;
      ended = true;
      await worker[how]();
      await log.close();
    };
    // A worker that a failed test leaves running would wait for its store and broker for ever.
    onTestFinished(() => end("abandon"));
    return { worker, end };
  };
  const send = async (
    lines: readonly { readonly machine: string; readonly text: string }[],
    partition: (machine: string, i: number) => number,
  ): Promise<void> => {
    for (const { machine, text } of lines) sent.get(machine)?.push(text);
    await sender.append(
      of.events.name,
      lines.map(({ machine, text }, i) => ({
        key: machine,
        value: Buffer.from(text),
        partition: partition(machine, i),
      })),
    );
  };
  const allStored = async (): Promise<void> => {
    for (const machine of machines) {
      const good = expectedRows(machine).reduce((sum, row) => sum + row.goodCount, 0);
      await until(`${good} good of ${machine}`, async () => {
        const stored = (await storedRows(machine)).reduce((sum, row) => sum + row.goodCount, 0);
        if (stored > good) throw new Error(`${machine}: ${stored} stored, ${good} sent`);
        return stored === good ? true : undefined;
      });
      await until(`the rows of ${machine}`, async () =>
        isDeepStrictEqual(await storedRows(machine), expectedRows(machine)) ? true : undefined,
      ).catch(async () => expect(await storedRows(machine), machine).toEqual(expectedRows(machine)));
    }
  };
  const handedOver = async (cause: string): Promise<number> => {
    const { values } = await metrics.handedOver.get();
    return values.find(({ labels }) => labels.cause === cause)?.value ?? 0;
  };
  const crc =
    (count: number) =>
    (machine: string): number =>
      crc32(machine) % count;
  const murmur =
    (count: number) =>
    (machine: string): number =>
      partitionOf(machine, count);
  const misplaced = machines.filter((machine) => crc(8)(machine) !== murmur(8)(machine));
  expect(misplaced, "two of five agree by chance").toHaveLength(3);

  // librdkafka's default, then a worker that is gone in the middle of it, then Kafka's own
  let one = await start();
  await send(nextLines(60), crc(8));
  await until("events handed over", async () => ((await handedOver("partitioner")) > 0 ? true : undefined));
  await expect.poll(() => one.worker.status().notes.join()).toContain("partitioner=murmur2_random (librdkafka");
  await send(nextLines(60), crc(8));
  await one.end("abandon");
  one = await start();
  await send(nextLines(60), crc(8));
  await allStored();
  await send(nextLines(60), murmur(8));
  await allStored();
  await expect.poll(() => one.worker.status().ready).toBe(true);
  expect((await sender.endsOf(of.deadLetters.name))[0]?.endOffset, "dead letters").toBe(0);

  // somebody adds partitions to one topic
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  await admin.createPartitions({ topicPartitions: [{ topic: of.events.name, count: 12 }] });
  await sender.close();
  const later = openKafkaLog({ client: { brokers } });
  Object.assign(sender, { append: later.append.bind(later), endsOf: later.endsOf.bind(later) });
  await send(nextLines(60), murmur(12));
  await allStored();
  expect(await handedOver("partitions")).toBeGreaterThan(0);
  await expect.poll(() => one.worker.status()).toMatchObject({ ready: true, partitions: 12 });
  const notes = (): string => one.worker.status().notes.join();
  await expect.poll(notes).toContain("has 12 partitions, machines are dealt over 8");
  expect(notes()).toContain("oee topics --to 16");

  // the command refuses what would not end well
  const grow = async (to: number): Promise<string> => {
    const { code, stderr } = await runOee([
      "topics",
      "--kafka",
      brokers.join(),
      "--topic-prefix",
      prefix,
      "--to",
      String(to),
    ]).ended;
    return `${code} ${stderr}`;
  };
  expect(await grow(12)).toMatch(/^1 oee: OEE_LOG_LAYOUT_REFUSED: .*found 12, expected a multiple, such as 16/);
  expect(await grow(16)).toMatch(/^1 oee: OEE_LOG_LAYOUT_REFUSED: another member of group oee-worker/m);
  // The command took partitions from the worker, which ended them in order; it owns them again when it says so on the log.
  await until("partitions owned again", async () => {
    const [offsets] = await admin.fetchOffsets({ groupId: "oee-worker", topics: [of.events.name] });
    return offsets?.partitions.every(({ metadata }) => metadata?.endsWith(";clean") === false) ? true : undefined;
  });
  await one.end("abandon");
  expect(await grow(16)).toMatch(/did not end in order/);
  one = await start();
  await until("partitions", () => (one.worker.status().partitions === 12 ? true : undefined));
  await allStored();
  await one.end("close");
  expect(await grow(16)).toMatch(/^0 .*machines were dealt over 8 partitions; \d moved/s);
  // each attempt is in the audit before it begins, and what came of the last one
  const lines = await auditOf(later, of.audit.name);
  expect(lines.map(({ kind }) => kind)).toEqual(["topics", "topics", "topics", "topics", "topics-grown"]);
  const done = { before: { partitions: 12 }, after: { partitions: 16, machinesMoved: expect.any(Number) } };
  expect(lines.at(-1)).toMatchObject({ who: userInfo().username, seen: { offset: 3 }, ...done });

  // and from then on each machine's events are in its partition again
  const [first, second] = [await start(), await start()];
  await until("16 partitions of two workers", () =>
    first.worker.status().partitions === 8 && second.worker.status().partitions === 8 ? true : undefined,
  );
  const before = (await handedOver("partitions")) + (await handedOver("partitioner"));
  await send(nextLines(60), murmur(16));
  await allStored();
  expect((await handedOver("partitions")) + (await handedOver("partitioner"))).toBe(before);
  // The recomputes that the move caused end after a while; then there are no notes.
  await expect.poll(() => [first, second].flatMap(({ worker }) => worker.status().notes)).toEqual([]);

  // old events have the whole history computed again, from both of a machine's partitions
  for (const machine of machines) {
    const text = JSON.stringify({ type: "count", machine, at: START - 2 * HOUR_MS, good: 40 });
    await send([{ machine, text }], murmur(16));
  }
  await allStored();
  await first.end("close");
  await second.end("close");
  await later.close();
});
