import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startBroker, type TestBroker } from "../../../tests/kafka/broker.ts";
import { bytes, conformance, gate, numbered, Receiver, topicSpec, withChecksum } from "./conformance.ts";
import { type KafkaEventLog, type KafkaLogOptions, openKafkaLog } from "./kafka.ts";
import { sendProduce } from "./kafka/internals.ts";
import { encodeProduce } from "./kafka/producer.ts";
import type { LogError } from "./error.ts";
import { type EventLog, silentLogger, type TopicSpec } from "./port.ts";
import { batchHeaders } from "./record-decoding.ts";
import { encodeRecordBatch } from "./record-encoding.ts";
import { firstOffsetAfter } from "./renewals.ts";

let broker: TestBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(async () => {
  await broker?.stop();
});

function open(more: Partial<KafkaLogOptions> = {}): EventLog {
  return openKafkaLog({ client: { brokers: broker.brokers }, ...more });
}

async function openWith(spec: TopicSpec, more: Partial<KafkaLogOptions> = {}): Promise<EventLog> {
  const log = open(more);
  await log.ensureTopics([spec]);
  return log;
}

/** Settings of a topic whose old segments are compacted within a second. */
const COMPACTED_SOON = {
  "cleanup.policy": "compact",
  "segment.ms": "100",
  "min.cleanable.dirty.ratio": "0.001",
  "delete.retention.ms": "0",
  "max.compaction.lag.ms": "100",
};

async function withAdmin(work: (admin: kafkajs.Admin) => Promise<unknown>): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await work(admin);
  await admin.disconnect();
}

/** Changes the newest batch of partition 0 in the broker's file, from which the broker sends it as it is. */
async function damageOnDisk(data: string, topic: string, change: (batch: Buffer) => void): Promise<void> {
  const file = await openFile(join(data, `${topic}-0`, "00000000000000000000.log"), "r+");
  try {
    const stored = await file.readFile();
    const newest = batchHeaders(stored).at(-1);
    if (newest === undefined) throw new Error(`no batch of ${topic}`);
    const batch = stored.subarray(newest.start, newest.end);
    change(batch);
    await file.write(batch, 0, batch.length, newest.start);
  } finally {
    await file.close();
  }
}

function appendAndRewrite(change: (batch: Buffer) => void) {
  return async (log: EventLog, topic: string): Promise<void> => {
    await log.append(topic, [{ key: "k", value: bytes("rewritten"), partition: 0 }]);
    if (broker.data !== null)
      await damageOnDisk(broker.data, topic, (batch) => withChecksum(batch, () => change(batch)));
  };
}

const ATTRIBUTES_AT = 21;

function abortOne(_: EventLog, topic: string): Promise<void> {
  return produceAsStranger(
    topic,
    async (producer) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: "k", value: "aborted", partition: 0 }] });
      await transaction.abort();
    },
    { transactionalId: topic, maxInFlightRequests: 1, idempotent: true, retry: { initialRetryTime: 10 } },
  );
}

conformance("kafka", {
  open: async () => open(),
  clear: async () => {},
  strange: {
    "of an aborted transaction, and the control batch that ends it": { unreadable: [], put: abortOne },
    "that are all control": {
      unreadable: [],
      put: async (log, topic) => {
        await abortOne(log, topic);
        // The aborted records are deleted, so that the control batch behind them is all there is. While the topic is read nothing may be deleted.
        if (log.describe().partitions.length > 0) return;
        await withAdmin(async (admin) => {
          const [end] = await admin.fetchTopicOffsets(topic);
          const offset = Number(end?.offset);
          const partitions = [{ partition: 0, offset: String(offset - 1) }];
          if (offset === 2) await admin.deleteTopicRecords({ topic, partitions });
        });
      },
    },
    "compacted to nothing": {
      spec: { cleanup: "compact" },
      unreadable: [],
      put: async (log, topic) => {
        const type = kafkajs.ConfigResourceTypes.TOPIC;
        const configEntries = Object.entries(COMPACTED_SOON).map(([name, value]) => ({ name, value }));
        await withAdmin((admin) =>
          admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] }),
        );
        const folder = join(broker.data ?? "", `${topic}-0`);
        const holds = (text: string): boolean =>
          readdirSync(folder).some((name) => name.endsWith(".log") && readFileSync(join(folder, name)).includes(text));
        for (const value of ["1", "2", null]) {
          await log.append(topic, [{ key: "gone", value: value === null ? null : bytes(value), partition: 0 }]);
        }
        // A segment is compacted only when another segment follows it.
        await expect.poll(async () => (await abortOne(log, topic), holds("gone")), { interval: 500 }).toBe(false);
      },
    },
    "of a codec that is not known": {
      unreadable: ["compression"],
      put: appendAndRewrite((batch) => batch.writeInt16BE(7, ATTRIBUTES_AT)),
    },
    ...Object.fromEntries(
      [1, 2, 3, 4].map((codec) => [
        `that their codec ${codec} cannot unpack`,
        { unreadable: ["compression"], put: appendAndRewrite((batch) => batch.writeInt16BE(codec, ATTRIBUTES_AT)) },
      ]),
    ),
  },
  damage: () => {
    const { data } = broker;
    return data === null ? null : (topic, change) => damageOnDisk(data, topic, change);
  },
});

/** kafkajs's own producer, as a stranger would use it. */
async function produceAsStranger(
  topic: string,
  send: (producer: kafkajs.Producer) => Promise<unknown>,
  config: kafkajs.ProducerConfig = {},
): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({ ...config, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  await send(producer);
  await producer.disconnect();
}

describe("kafka: other producers", () => {
  test("records of kafkajs's producer are read with key, value and headers, also compressed by gzip", async () => {
    const spec = topicSpec({ partitions: 3 });
    const log = await openWith(spec);
    const messages = Array.from({ length: 20 }, (_, i) => ({
      key: `ключ-${i}`,
      value: `value ${i}`,
      headers: { source: "stranger" },
    }));
    const compression = kafkajs.CompressionTypes.GZIP;
    await produceAsStranger(spec.name, (producer) => producer.send({ topic: spec.name, messages, compression }));
    await log.append(
      spec.name,
      messages.map(({ key }) => ({ key, value: bytes("ours") })),
    );
    const receiver = new Receiver();
    const headers: string[] = [];
    log.consume(
      receiver.options(spec.name, "g", {
        onBatch: async (batch) => {
          for (let i = 0; i < batch.length; i += 1) headers.push(batch.headersAt(i).source?.toString() ?? "-");
          receiver.take(batch);
        },
      }),
    );
    await receiver.records(40);
    const partitionsOf = (ours: boolean) =>
      new Map(
        receiver.received
          .filter(({ value }) => (value === "ours") === ours)
          .map(({ key, partition }) => [key, partition]),
      );
    expect(partitionsOf(true)).toEqual(partitionsOf(false));
    expect(headers.filter((header) => header === "stranger")).toHaveLength(20);
    await log.close();
  });

  test("transactions: records of an aborted one are not handed over, nor are control records", async () => {
    const spec = topicSpec({ partitions: 1 });
    const log = await openWith(spec);
    const transactional = { transactionalId: spec.name, maxInFlightRequests: 1, idempotent: true };
    await produceAsStranger(
      spec.name,
      async (producer) => {
        for (const [value, end, offset] of [
          ["1", "commit", 2],
          ["2", "abort", 4],
          ["3", "commit", 6],
        ] as const) {
          const transaction = await producer.transaction();
          await transaction.send({ topic: spec.name, messages: [{ value }] });
          await transaction[end]();
          // The coordinator answers before it has written the record that ends the transaction, and accepts no next transaction until then.
          const readableEnd = async () => (await log.endsOf(spec.name))[0]?.readableEnd;
          await expect.poll(readableEnd).toBe(offset);
        }
      },
      transactional,
    );
    await log.append(spec.name, [{ key: null, value: bytes("4") }]);
    const receiver = new Receiver();
    log.consume(receiver.options(spec.name, "t"));
    await receiver.records(3);
    expect(receiver.values()).toEqual(["1", "3", "4"]);
    await log.close();
  });

  test("records of an open transaction, and all after them, cannot be read yet: `readableEnd` is before them, `endOffset` behind them", async () => {
    const spec = topicSpec({ partitions: 2 });
    const log = await openWith(spec);
    const endOf = async () => (await log.endsOf(spec.name))[1];
    await log.append(spec.name, numbered(2, 1));
    const transactional = { transactionalId: spec.name, maxInFlightRequests: 1, idempotent: true };
    await produceAsStranger(
      spec.name,
      async (producer) => {
        const transaction = await producer.transaction();
        await transaction.send({ topic: spec.name, messages: [{ value: "open", partition: 1 }] });
        await log.append(spec.name, numbered(3, 1));
        expect(await endOf()).toEqual({ partition: 1, readableEnd: 2, endOffset: 6 });
        const receiver = new Receiver();
        const ends: number[][] = [];
        const consumer = log.consume(
          receiver.options(spec.name, spec.name, {
            onBatch: async (batch) => {
              ends.push([batch.nextOffset, batch.readableEnd, batch.highWatermark]);
              receiver.take(batch);
            },
          }),
        );
        await receiver.records(2);
        expect(ends).toEqual([[2, 2, 6]]);
        await consumer.close();
        await transaction.commit();
      },
      transactional,
    );
    // Six records, and the one that ends the transaction, which the coordinator writes after it has answered.
    await expect.poll(endOf).toEqual({ partition: 1, readableEnd: 7, endOffset: 7 });
    await log.close();
  });

  test("two plants may share a group: the partitions of each topic are divided among the members that asked for it", async () => {
    const [one, two] = [topicSpec({ partitions: 3 }), topicSpec({ partitions: 2 })];
    const logs = [await openWith(one), await openWith(two), await openWith(two)];
    const receivers = logs.map(() => new Receiver());
    const group = one.name;
    for (const [i, log] of logs.entries()) {
      const receiver = receivers[i] ?? new Receiver();
      log.consume(receiver.options(i === 0 ? one.name : two.name, group));
    }
    await logs[0]?.append(one.name, numbered(9));
    await logs[0]?.append(two.name, [...numbered(1, 0), ...numbered(1, 1)]);
    await receivers[0]?.records(9);
    await Promise.all(receivers.slice(1).map((receiver) => receiver.records(1)));
    expect(new Set(receivers.slice(1).flatMap(({ received }) => received.map(({ partition }) => partition)))).toEqual(
      new Set([0, 1]),
    );
    await Promise.all(logs.map((log) => log.close()));
  });

  test("a member whose clock is set back by a day goes on to send heartbeats, and keeps its partitions", async () => {
    const spec = topicSpec({ partitions: 1 });
    const log = await openWith(spec, { sessionTimeoutMs: 4_000, heartbeatIntervalMs: 200 });
    const receiver = new Receiver();
    const consumer = log.consume(receiver.options(spec.name, spec.name));
    await receiver.until(() => receiver.assigned.length > 0);
    const now = vi.spyOn(Date, "now");
    const today = performance.timeOrigin - 86_400_000;
    now.mockImplementation(() => today + performance.now());
    try {
      // Longer than the session, after which a member without heartbeats is out of the group.
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      await consumer.commit([{ topic: spec.name, partition: 0, offset: 0 }]);
      expect(receiver.revoked).toEqual([]);
      await log.append(spec.name, [{ key: "k", value: bytes("1") }]);
      await receiver.records(1);
    } finally {
      now.mockRestore();
    }
    await log.close();
  });

  test("a topic that was deleted and made anew is told from the one before, its offsets are counted behind that one's, and what was committed of that one is void", async () => {
    const spec = topicSpec({ partitions: 1 });
    const { name: topic } = spec;
    const groupId = `group-${topic}`;
    const before = open() as KafkaEventLog;
    await before.ensureTopics([spec]);
    const numbers = ["0", "1", "2"].map((value) => ({ key: "k", value: bytes(value) }));
    await before.append(topic, numbers);
    const id = await before.topicId(topic);
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(await before.topicId(`${topic}-none`)).toBeNull();
    before.countFrom(topic, id as string, 0);
    const read = gate();
    const consumer = before.consume({
      groupId,
      topics: [topic],
      onAssigned: async () => {},
      onRevoked: async () => {},
      onBatch: async ({ nextOffset }) => {
        if (nextOffset === 3) read.open();
      },
    });
    await read.opened;
    expect(await before.replaced(topic)).toBeNull();
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    expect(await before.replaced(topic)).toBeNull();
    await before.ensureTopics([spec]);
    await expect.poll(() => before.replaced(topic)).toContain(`expected ${id}`);
    // One that does not know yet.
    await consumer.commit([{ topic, partition: 0, offset: 3, metadata: "of before" }]);
    await consumer.close();

    const log = open() as KafkaEventLog;
    const anew = (await log.topicId(topic)) as string;
    expect(anew).not.toBe(id);
    const first = firstOffsetAfter(1);
    log.countFrom(topic, anew, first);
    await log.append(topic, numbers.slice(0, 2));
    expect(await log.endsOf(topic)).toEqual([{ partition: 0, readableEnd: first + 2, endOffset: first + 2 }]);
    expect((await log.readKeyed(topic)).get("k")).toMatchObject({ offset: first + 1 });
    const consumed = async (until: number): Promise<{ assigned: unknown; offsets: number[] }> => {
      const [done, offsets] = [gate(), [] as number[]];
      let assigned: unknown;
      const member = log.consume({
        groupId,
        topics: [topic],
        onAssigned: async ([one]) => {
          assigned = one?.committed;
          if (one?.committed?.offset === until) done.open();
        },
        onRevoked: async () => {},
        onBatch: async (batch) => {
          for (let i = 0; i < batch.length; i++) offsets.push(batch.offsetAt(i));
          if (batch.nextOffset === until) done.open();
        },
      });
      await done.opened;
      await member.commit([{ topic, partition: 0, offset: until, metadata: "of this; clean" }]);
      await member.close();
      return { assigned, offsets };
    };
    expect(await consumed(first + 2)).toEqual({
      assigned: { offset: first, metadata: "of before" },
      offsets: [first, first + 1],
    });
    await withAdmin(async (admin) => {
      // Tools of Kafka see its own offsets.
      const [{ partitions } = { partitions: [] }] = await admin.fetchOffsets({ groupId, topics: [topic] });
      expect(partitions).toEqual([{ partition: 0, offset: "2", metadata: "renewed=1;of this; clean" }]);
    });
    expect(await consumed(first + 2)).toEqual({
      assigned: { offset: first + 2, metadata: "of this; clean" },
      offsets: [],
    });
    await Promise.all([before.close(), log.close()]);
  });

  test("a topic that is deleted keeps no other from being read, asked or written, is told once, and is read again once it is made anew", async () => {
    const [gone, other] = [topicSpec({ partitions: 1, cleanup: "compact" }), topicSpec({ partitions: 1 })];
    const warned: string[] = [];
    const warn = (message: string, fields?: object): void => void warned.push(`${message} ${JSON.stringify(fields)}`);
    const log = open({ logger: { ...silentLogger, warn }, appendTimeoutMs: 2_000 });
    await log.ensureTopics([gone, other]);
    const [ofGone, ofOther] = [new Receiver(), new Receiver()];
    log.followKeyed({ topic: gone.name, onBatch: (batch) => ofGone.take(batch) });
    log.followKeyed({ topic: other.name, onBatch: (batch) => ofOther.take(batch) });
    await log.append(gone.name, [{ key: "k", value: bytes("before") }]);
    await log.append(other.name, [{ key: "k", value: bytes("before") }]);
    await Promise.all([ofGone.records(1), ofOther.records(1)]);
    expect(log.describe().unread).toEqual([]);
    await withAdmin((admin) => admin.deleteTopics({ topics: [gone.name] }));
    await expect.poll(() => log.describe().unread.map(({ topic }) => topic)).toEqual([gone.name]);
    // What is known of the cluster is asked for anew after five minutes.
    const now = vi.spyOn(Date, "now");
    const later = performance.timeOrigin + 600_000;
    now.mockImplementation(() => later + performance.now());
    try {
      await log.append(other.name, [{ key: "k", value: bytes("meanwhile") }]);
      await ofOther.records(2);
      expect(await log.endsOf(other.name)).toEqual([{ partition: 0, readableEnd: 2, endOffset: 2 }]);
      expect(log.describe().state).toBe("connected");
      // One that was not asked for before.
      const late = topicSpec({ partitions: 1 });
      await log.ensureTopics([late]);
      await log.append(late.name, [{ key: "k", value: bytes("late") }]);
      for (const ask of [() => log.partitionsOf(gone.name), () => log.append(gone.name, [{ key: "k", value: null }])]) {
        await expect.poll(() => ask().catch(({ code }: LogError) => code)).toBe("OEE_LOG_UNKNOWN_TOPIC");
      }
    } finally {
      now.mockRestore();
    }
    expect(warned.filter((each) => each.startsWith("a topic is not read") && each.includes(gone.name))).toHaveLength(1);
    await log.ensureTopics([gone]);
    // A follower goes on from where it was.
    await log.append(
      gone.name,
      ["first", "again"].map((value) => ({ key: "k", value: bytes(value) })),
    );
    await ofGone.records(2);
    expect(ofGone.values().at(-1)).toBe("again");
    await expect.poll(() => log.describe().unread).toEqual([]);
    // One that was never there.
    const made = topicSpec({ partitions: 1 });
    const ofMade = new Receiver();
    log.followKeyed({ topic: made.name, onBatch: (batch) => ofMade.take(batch) });
    const error = `there is no topic ${made.name}`;
    await expect.poll(() => log.describe().unread).toEqual([{ topic: made.name, error }]);
    expect(log.describe().state).toBe("connected");
    await log.ensureTopics([made]);
    await log.append(made.name, [{ key: "k", value: bytes("made") }]);
    await ofMade.records(1);
    expect(log.describe().unread).toEqual([]);
    await log.close();
  });

  for (const compression of ["gzip", "lz4", "zstd"] as const) {
    test(`records compressed by ${compression} are read as they were appended`, async () => {
      const spec = topicSpec({ partitions: 2 });
      const log = await openWith(spec, { compression });
      await log.append(spec.name, [...numbered(500, 0), { key: "e", value: Buffer.alloc(0), partition: 1 }]);
      const receiver = new Receiver();
      log.consume(receiver.options(spec.name, "g"));
      await receiver.records(501);
      const values = receiver.received.filter(({ partition }) => partition === 0).map(({ value }) => Number(value));
      expect(values).toEqual(Array.from({ length: 500 }, (_, i) => i));
      await log.close();
    });
  }

  test("a record batch of 150,000 records, on which kafkajs overflows its stack, is read", async () => {
    const spec = topicSpec({ partitions: 1, recordBytesMax: 16 * 1024 * 1024 });
    const log = await openWith(spec);
    const batch = encodeRecordBatch(
      Array.from({ length: 150_000 }, () => ({ key: null, value: bytes("x") })),
      0,
      Date.now(),
    );
    await sendRaw(spec.name, batch);
    let count = 0;
    const done = gate();
    log.consume(
      new Receiver().options(spec.name, "g", {
        onBatch: async ({ length }) => {
          count += length;
          if (count === 150_000) done.open();
        },
      }),
    );
    await done.opened;
    await log.close();
  });
});

/** Sends the bytes of a record batch to partition 0 as they are. */
async function sendRaw(topic: string, batch: Buffer): Promise<void> {
  let cluster: unknown = null;
  const kafka = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({
    groupId: "raw",
    partitionAssigners: [
      (made) => {
        cluster = made.cluster;
        return kafkajs.PartitionAssigners.roundRobin(made);
      },
    ],
  });
  await consumer.connect();
  const inside = cluster as Parameters<typeof leaderOf>[0];
  const errorCodes = await sendProduce(
    await leaderOf(inside, topic),
    encodeProduce(topic, new Map([[0, batch]])),
    (answer) => ({
      clientSideThrottleTime: 0,
      errorCode: answer.readInt16BE(4 + 2 + Buffer.byteLength(topic) + 4 + 4),
    }),
  );
  expect(errorCodes.errorCode).toBe(0);
  await consumer.disconnect();
}

async function leaderOf(cluster: import("./kafka/internals.ts").Cluster, topic: string) {
  await cluster.addMultipleTargetTopics([topic]);
  return cluster.findBroker({ nodeId: String(cluster.findTopicPartitionMetadata(topic)[0]?.leader) });
}

test("kafka: a partition that was just added takes records, each time", async () => {
  const spec = topicSpec({ cleanup: "delete", partitions: 1 });
  const log = openKafkaLog({ client: { brokers: broker.brokers } });
  await log.ensureTopics([spec]);
  for (let partition = 1; partition < 60; partition++) {
    await log.grow(spec.name, partition + 1);
    await log.append(spec.name, [{ key: "k", value: bytes(String(partition)), partition }]);
  }
  expect((await log.endsOf(spec.name)).map(({ endOffset }) => endOffset)).toEqual([0, ...Array(59).fill(1)]);
  await log.close();
});

test("kafka: a client whose name is longer than the room before a request appends as well", async () => {
  const spec = topicSpec({ partitions: 1 });
  const log = await openWith(spec, { client: { brokers: broker.brokers, clientId: "n".repeat(2_000) } });
  await log.append(spec.name, [{ key: "k", value: bytes("v"), partition: 0 }]);
  await withAdmin(async (admin) => {
    expect(await admin.fetchTopicOffsets(spec.name)).toMatchObject([{ partition: 0, high: "1" }]);
  });
  await log.close();
});

test("kafka: appends of all sizes at once are kept byte for byte, while their memory is used again", async () => {
  const partitions = 4;
  const spec = topicSpec({ partitions });
  const log = await openWith(spec);
  const valueOf = (i: number): Buffer => Buffer.alloc(1 + ((i * 7_919) % 60_000), `${i} `);
  for (let round = 0; round < 4; round++) {
    const appends = Array.from({ length: 20 }, (_, n) => {
      const i = round * 20 + n;
      return log.append(spec.name, [{ key: String(i), value: valueOf(i), partition: i % partitions }]);
    });
    await Promise.all(appends);
  }
  const receiver = new Receiver();
  const consumer = log.consume(receiver.options(spec.name, "sizes"));
  await receiver.records(80);
  for (const { key, value } of receiver.received)
    expect(value === valueOf(Number(key)).toString(), `${key}`).toBe(true);
  await consumer.close();
  await log.close();
});

describe("kafka: membership", () => {
  test("a member whose work takes longer than the session stays in the group, and gets the batch once", async () => {
    const spec = topicSpec({ partitions: 1 });
    const log = await openWith(spec, { sessionTimeoutMs: 4_000, heartbeatIntervalMs: 300 });
    await log.append(spec.name, numbered(2));
    const receiver = new Receiver();
    const consumer = log.consume(
      receiver.options(spec.name, "slow", {
        onBatch: async (batch) => {
          // Twice as long as the session.
          await new Promise((resolve) => setTimeout(resolve, 8_000));
          receiver.take(batch);
        },
      }),
    );
    await receiver.records(2);
    await consumer.commit([{ topic: spec.name, partition: 0, offset: 2 }]);
    expect([receiver.values(), receiver.assigned.length]).toEqual([["0", "1"], 1]);
    await log.close();
  });

  test("when a member's process is killed another one goes on from its last commits", async () => {
    const spec = topicSpec({ partitions: 2 });
    const log = await openWith(spec, { sessionTimeoutMs: 1_500, heartbeatIntervalMs: 300 });
    await log.append(spec.name, [...numbered(5, 0), ...numbered(5, 1)]);
    const child = startMember(spec.name, "killed");
    const [line] = (await once(createInterface(child.stdout ?? process.stdin), "line")) as [string];
    expect(line).toBe("committed");
    child.kill("SIGKILL");
    const receiver = new Receiver();
    log.consume(receiver.options(spec.name, "killed"));
    await receiver.records(6);
    const of = (partition: number) => receiver.received.filter((r) => r.partition === partition).map((r) => r.offset);
    expect([of(0), of(1)]).toEqual([
      [2, 3, 4],
      [2, 3, 4],
    ]);
    await log.close();
  });

  test("members of processes that are dead leave the group before their session ends, those of others stay", async () => {
    const spec = topicSpec({ partitions: 2 });
    const told: string[] = [];
    const info = (message: string, fields?: object): void => void told.push(`${message} ${JSON.stringify(fields)}`);
    // Members that nobody has to give up before the test is over.
    const sessionTimeoutMs = 1_800_000;
    const log = await openWith(spec, { sessionTimeoutMs, heartbeatIntervalMs: 300, logger: { ...silentLogger, info } });
    await log.append(spec.name, [...numbered(5, 0), ...numbered(5, 1)]);
    const child = startMember(spec.name, "dead", sessionTimeoutMs);
    await once(createInterface(child.stdout ?? process.stdin), "line");
    const [killed] = await membersOf("dead");
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    expect(await membersOf("dead")).toEqual([killed]);
    const receiver = new Receiver();
    log.consume(receiver.options(spec.name, "dead"));
    await receiver.records(6);
    const [living, ...others] = await membersOf("dead");
    expect([others, living === killed]).toEqual([[], false]);
    expect(told.filter((each) => each.startsWith("members of the group whose processes are dead"))).toEqual([
      expect.stringContaining(`"members":["${killed}"]`),
    ]);
    // Another one that joins finds none.
    const second = open({ sessionTimeoutMs, heartbeatIntervalMs: 300, logger: { ...silentLogger, info } });
    const third = startMember(spec.name, "dead", sessionTimeoutMs);
    second.consume(new Receiver().options(spec.name, "dead"));
    await expect.poll(() => membersOf("dead")).toHaveLength(3);
    expect(await membersOf("dead")).toContain(living);
    third.kill("SIGKILL");
    await Promise.all([log.close(), second.close()]);
    expect(told.filter((each) => each.startsWith("members of the group whose processes are dead"))).toHaveLength(1);
  });

  test("a member whose work does not end gives up its partitions after revokeTimeoutMs, and its late commit is refused", async () => {
    const spec = topicSpec({ partitions: 1 });
    const log = await openWith(spec);
    const other = open();
    await log.append(spec.name, numbered(1));
    const stuck = gate();
    const begun = gate();
    const first = log.consume(
      new Receiver().options(spec.name, "stuck", {
        revokeTimeoutMs: 500,
        onBatch: async () => {
          begun.open();
          await stuck.opened;
        },
      }),
    );
    await begun.opened;
    const receiver = new Receiver();
    other.consume(receiver.options(spec.name, "stuck"));
    const closing = first.close();
    await receiver.records(1);
    await expect(first.commit([{ topic: spec.name, partition: 0, offset: 1 }])).rejects.toMatchObject({
      code: "OEE_LOG_NOT_OWNER",
    });
    stuck.open();
    await closing;
    await Promise.all([log.close(), other.close()]);
  });
});

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

function startMember(topic: string, groupId: string, sessionTimeoutMs: number = 1_500): ChildProcess {
  const script = fileURLToPath(new URL("kafka-member.fixture.ts", import.meta.url));
  const args = [
    "--import",
    "tsx",
    "-C",
    "@oee/source",
    script,
    broker.brokers.join(","),
    topic,
    groupId,
    String(sessionTimeoutMs),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}

async function membersOf(groupId: string): Promise<readonly string[]> {
  let members: readonly string[] = [];
  await withAdmin(async (admin) => {
    const { groups } = await admin.describeGroups([groupId]);
    members = groups.flatMap((group) => group.members.map(({ memberId }) => memberId));
  });
  return members;
}

describe("kafka: the broker is killed", () => {
  test("appends, a group and a follower go on after the broker is back; nothing is lost", async ({ skip }) => {
    const { crash } = broker;
    if (crash === null) {
      skip("the broker in KAFKA_BROKERS is not ours to kill");
      return;
    }
    const spec = topicSpec({ partitions: 2 });
    // As long as a broker may take to start on a busy machine.
    const log = await openWith(spec, { appendTimeoutMs: 270_000 });
    const receiver = new Receiver();
    const followed = new Receiver();
    const next = new Map<number, number>();
    const consumer = log.consume(
      receiver.options(spec.name, "survives", {
        onBatch: async (batch) => {
          receiver.take(batch);
          next.set(batch.partition, batch.nextOffset);
        },
      }),
    );
    log.followKeyed({ topic: spec.name, onBatch: (batch) => followed.take(batch) });
    const append = (from: number, count: number) =>
      log.append(
        spec.name,
        Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: bytes(String(from + i)) })),
      );
    await append(0, 100);
    await Promise.all([receiver.records(100), followed.records(100)]);
    const before = await membersOf("survives");
    await crash.kill();
    const during = append(100, 100);
    await expect
      .poll(() => log.describe())
      .toMatchObject({ state: "disconnected", lastError: { code: expect.stringMatching(/^OEE_LOG_/) } });
    await crash.restart();
    await during;
    await append(200, 100);
    const all = (of: Receiver) => new Set(of.values()).size === 300;
    await Promise.all([receiver.until(() => all(receiver)), followed.until(() => all(followed))]);
    // The consumer is the same member as before; a new one would wait until the old one's session is over.
    expect(await membersOf("survives")).toEqual(before);
    // Readiness shows the error as long as there is one.
    await expect.poll(() => log.describe()).toMatchObject({ state: "connected", lastError: null });
    const commit = () =>
      consumer.commit(Array.from(next, ([partition, offset]) => ({ topic: spec.name, partition, offset })));
    // The coordinator refuses commits while it loads the group.
    await expect.poll(() => commit().then(() => "committed"), { interval: 500 }).toBe("committed");
    await log.close();
  });

  test("while the broker is frozen the log is disconnected within seconds, not once a request has waited for 30", async ({
    skip,
  }) => {
    const { crash } = broker;
    if (crash === null) {
      skip("the broker in KAFKA_BROKERS is not ours to freeze");
      return;
    }
    const spec = topicSpec();
    const log = await openWith(spec);
    const followed = new Receiver();
    log.followKeyed({ topic: spec.name, onBatch: (batch) => followed.take(batch) });
    await log.append(spec.name, [{ key: "k", value: bytes("1") }]);
    await followed.records(1);
    crash.freeze();
    try {
      const message = expect.stringMatching(/the brokers have said nothing for 1\d s/);
      await expect.poll(() => log.describe()).toMatchObject({ state: "disconnected", lastError: { message } });
    } finally {
      crash.goOn();
    }
    await expect.poll(() => log.describe()).toMatchObject({ state: "connected", lastError: null });
    await log.close();
  });
});
