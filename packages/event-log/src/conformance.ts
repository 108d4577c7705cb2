/**
 * What every adapter of the event log does, as tests. Each adapter's test file runs it on itself; a test has topics and
 * groups of its own, so that a log may be shared.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { crc32c } from "@node-rs/crc32";
import { afterEach, describe, expect, test } from "vitest";
import { partitionOf } from "./partitioner.ts";
import type { AppendRecord, ConsumeOptions, EventLog, GroupConsumer, TopicPartition, TopicSpec } from "./port.ts";
import type { RecordBatch } from "./record-batch.ts";
import { BATCH_HEADER_BYTES, CRC_AT, CRC_FROM } from "./record-decoding.ts";

export interface Subject {
  /** A client of the log; called twice for two clients of the same log, where there can be two. */
  open(): Promise<EventLog>;
  /** After each test, when all clients are closed. */
  clear(): Promise<void>;
  /** What a log of this kind can hold beside batches of records that can be read. */
  readonly strange: Readonly<Record<string, Strange>>;
  /** Changes the newest batch of partition 0 where it is stored, as a disk may. Null where it is out of reach. */
  damage(): ((topic: string, change: (batch: Buffer) => void) => Promise<void>) | null;
}

/** Batches without records that can be read. */
export interface Strange {
  readonly spec?: Partial<TopicSpec>;
  /** Why they cannot be read, one for each that is handed over. */
  readonly unreadable: readonly string[];
  /** Puts them at the end of partition 0. */
  put(log: EventLog, topic: string): Promise<void>;
}

/** A record with everything copied out of its batch. */
export interface Received {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** Batches as they come, and promises of having enough of them. */
export class Receiver {
  readonly received: Received[] = [];
  readonly assigned: TopicPartition[][] = [];
  readonly revoked: TopicPartition[][] = [];
  #waiting: { reached: () => boolean; resolve: () => void }[] = [];

  take(batch: RecordBatch): void {
    for (let i = 0; i < batch.length; i += 1) {
      this.received.push({
        partition: batch.partition,
        offset: batch.offsetAt(i),
        key: batch.keyAt(i)?.toString("utf8") ?? null,
        value: batch.valueAt(i)?.toString("utf8") ?? null,
      });
    }
    this.changed();
  }

  changed(): void {
    const met = this.#waiting.filter(({ reached }) => reached());
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const { resolve } of met) resolve();
  }

  until(reached: () => boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ reached, resolve }));
  }

  records(count: number): Promise<void> {
    return this.until(() => this.received.length >= count);
  }

  values(): string[] {
    return this.received.map(({ value }) => String(value));
  }

  /** Options that record everything. */
  options(topic: string, groupId: string, more: Partial<ConsumeOptions> = {}): ConsumeOptions {
    return {
      groupId,
      topics: [topic],
      onAssigned: async (partitions) => {
        this.assigned.push([...partitions]);
        this.changed();
      },
      onRevoked: async (partitions) => {
        this.revoked.push([...partitions]);
        this.changed();
      },
      onBatch: async (batch) => this.take(batch),
      ...more,
    };
  }
}

export function bytes(text: string): Buffer {
  return Buffer.from(text);
}

export function numbered(count: number, partition?: number): AppendRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `k${i % 7}`,
    value: bytes(String(i)),
    ...(partition === undefined ? {} : { partition }),
  }));
}

export function topicSpec(more: Partial<TopicSpec> = {}): TopicSpec {
  return {
    name: `t-${randomUUID()}`,
    partitions: 4,
    cleanup: "delete",
    retentionMs: null,
    retentionBytes: null,
    recordBytesMax: 1024 * 1024,
    ...more,
  };
}

/** Changes a batch of records so that its checksum holds again. */
export function withChecksum(batch: Buffer, change: () => void): void {
  change();
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_FROM)), CRC_AT);
}

function corrupt(batch: Buffer): void {
  const last = batch.length - 1;
  batch.writeUInt8(batch.readUInt8(last) ^ 0xff, last);
}

/** A promise and how to settle it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export function conformance(name: string, subject: Subject): void {
  const logs: EventLog[] = [];
  const open = async (): Promise<EventLog> => {
    const log = await subject.open();
    logs.push(log);
    return log;
  };
  const openWith = async (spec: TopicSpec): Promise<EventLog> => {
    const log = await open();
    await log.ensureTopics([spec]);
    return log;
  };
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
    await subject.clear();
  });

  describe(`${name}: append and consume`, () => {
    test("what was appended comes back exactly, in order within its partition", async () => {
      const spec = topicSpec();
      const log = await openWith(spec);
      const values = [randomBytes(1000), Buffer.alloc(0), Buffer.from([0, 255, 128]), null];
      const headers = { "content-type": "application/json", raw: Buffer.from([0, 1, 254]), empty: "" };
      const keys = ["berlin/packing/l1/filler", "münchen/füller", "東京/1", null];
      await log.append(
        spec.name,
        values.map((value, i) => ({ key: keys[i] ?? null, value, headers, partition: 2 })),
      );
      await log.append(spec.name, [{ key: Buffer.from([0xff, 0x00]), value: null, partition: 2 }]);
      const batches: RecordBatch[] = [];
      const receiver = new Receiver();
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          onBatch: async (batch) => {
            batches.push(batch);
            receiver.take(batch);
          },
        }),
      );
      await receiver.records(5);
      const rows = batches.flatMap((batch) =>
        Array.from({ length: batch.length }, (_, i) => ({
          partition: batch.partition,
          offset: batch.offsetAt(i),
          key: batch.keyAt(i),
          value: batch.valueAt(i),
          headers: { ...batch.headersAt(i) },
          recent: Math.abs(Date.now() - batch.timestampAt(i)) < 3_600_000,
        })),
      );
      const expectedHeaders = {
        "content-type": Buffer.from("application/json"),
        raw: headers.raw,
        empty: Buffer.alloc(0),
      };
      const expected = [
        ...values.map((value, offset) => ({ offset, key: keys[offset] ?? null, value, headers: expectedHeaders })),
        { offset: 4, key: Buffer.from([0xff, 0x00]), value: null, headers: {} },
      ];
      expect(rows).toEqual(
        expected.map(({ key, ...row }) => ({
          ...row,
          key: typeof key === "string" ? Buffer.from(key) : key,
          partition: 2,
          recent: true,
        })),
      );
    });

    test("the ends of partitions are told without a consumer, and grow with what is appended", async () => {
      const spec = topicSpec({ partitions: 3 });
      const log = await openWith(spec);
      const ends = async (): Promise<number[]> => {
        const told = await log.endsOf(spec.name);
        expect(told.map(({ partition }) => partition)).toEqual([0, 1, 2]);
        expect(told.map(({ readableEnd }) => readableEnd)).toEqual(told.map(({ endOffset }) => endOffset));
        return told.map(({ endOffset }) => endOffset);
      };
      expect(await ends()).toEqual([0, 0, 0]);
      await log.append(spec.name, [...numbered(5, 0), ...numbered(2, 2)]);
      expect(await ends()).toEqual([5, 0, 2]);
      await expect(log.endsOf(`no-${spec.name}`)).rejects.toMatchObject({ code: "OEE_LOG_UNKNOWN_TOPIC" });
    });

    test("a key goes to the partition of Kafka's default partitioner", async () => {
      const spec = topicSpec({ partitions: 5 });
      const log = await openWith(spec);
      const keys = Array.from({ length: 40 }, (_, i) => `site-${i}/área/l${i * 7}/m`);
      await log.append(
        spec.name,
        keys.map((key) => ({ key, value: bytes(key) })),
      );
      const receiver = new Receiver();
      log.consume(receiver.options(spec.name, randomUUID()));
      await receiver.records(40);
      for (const { key, partition } of receiver.received) expect(partition).toBe(partitionOf(String(key), 5));
      expect(await log.partitionsOf(spec.name)).toBe(5);
    });

    test("appends made without waiting keep their order", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      await Promise.all(numbered(500).map((record) => log.append(spec.name, [record])));
      const receiver = new Receiver();
      log.consume(receiver.options(spec.name, randomUUID()));
      await receiver.records(500);
      expect(receiver.values()).toEqual(numbered(500).map((_, i) => String(i)));
      expect(receiver.received.map(({ offset }) => offset)).toEqual(numbered(500).map((_, i) => i));
    });

    test("200,000 records in one append all come", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      await log.append(spec.name, numbered(200_000));
      let count = 0;
      let inOrder = true;
      const done = gate();
      log.consume(
        new Receiver().options(spec.name, randomUUID(), {
          onBatch: async (batch) => {
            for (let i = 0; i < batch.length; i += 1) inOrder &&= batch.offsetAt(i) === count + i;
            count += batch.length;
            if (count >= 200_000) done.open();
          },
        }),
      );
      await done.opened;
      expect([count, inOrder]).toEqual([200_000, true]);
    });

    test("a record at the limit is taken, a larger one is refused and nothing of its append is written", async () => {
      const spec = topicSpec({ partitions: 1, recordBytesMax: 2 * 1024 * 1024 });
      const log = await openWith(spec);
      const large = randomBytes(spec.recordBytesMax - 1);
      await expect(
        log.append(spec.name, [
          { key: "k", value: bytes("small") },
          { key: "kk", value: large },
        ]),
      ).rejects.toMatchObject({ code: "OEE_LOG_RECORD_TOO_LARGE" });
      await log.append(spec.name, [{ key: "k", value: large }]);
      const done = gate();
      let value: Buffer | null = null;
      log.consume(
        new Receiver().options(spec.name, randomUUID(), {
          onBatch: async (batch) => {
            value = batch.valueAt(0);
            done.open();
          },
        }),
      );
      await done.opened;
      expect(large.equals(value ?? Buffer.alloc(0))).toBe(true);
    });

    test("topics and partitions that are not there are told", async () => {
      const spec = topicSpec({ partitions: 2 });
      const log = await openWith(spec);
      await expect(log.append(`no-${randomUUID()}`, [{ key: "k", value: null }])).rejects.toMatchObject({
        code: "OEE_LOG_UNKNOWN_TOPIC",
      });
      await expect(log.append(spec.name, [{ key: "k", value: null, partition: 2 }])).rejects.toMatchObject({
        code: "OEE_LOG_UNKNOWN_PARTITION",
      });
    });

    test("ensuring a topic twice changes nothing; another cleanup policy is refused", async () => {
      const spec = topicSpec({ partitions: 3 });
      const log = await openWith(spec);
      await log.ensureTopics([{ ...spec, partitions: 7 }]);
      expect(await log.partitionsOf(spec.name)).toBe(3);
      await expect(log.ensureTopics([{ ...spec, cleanup: "compact" }])).rejects.toMatchObject({
        code: "OEE_LOG_TOPIC_MISMATCH",
      });
    });
  });

  describe(`${name}: groups`, () => {
    test("a group goes on from its committed offset, and is told offset and metadata", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      const groupId = randomUUID();
      await log.append(spec.name, numbered(10));
      const first = new Receiver();
      const consumer = log.consume(first.options(spec.name, groupId));
      await first.records(10);
      await consumer.commit([{ topic: spec.name, partition: 0, offset: 6, metadata: '{"checkpoint":1}' }]);
      await consumer.close();
      const second = new Receiver();
      const assigned: unknown[] = [];
      log.consume(
        second.options(spec.name, groupId, {
          onAssigned: async (partitions) => {
            assigned.push(...partitions);
          },
        }),
      );
      await second.records(4);
      expect(assigned).toEqual([
        { topic: spec.name, partition: 0, committed: { offset: 6, metadata: '{"checkpoint":1}' } },
      ]);
      expect(second.values()).toEqual(["6", "7", "8", "9"]);
    });

    test("reading begins where onAssigned says, and not before it has answered", async () => {
      const spec = topicSpec({ partitions: 2 });
      const log = await openWith(spec);
      await log.append(spec.name, [...numbered(5, 0), ...numbered(5, 1)]);
      const receiver = new Receiver();
      const restored = gate();
      let delivered = 0;
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          onAssigned: async (partitions) => {
            receiver.assigned.push([...partitions]);
            receiver.changed();
            await restored.opened;
            delivered = receiver.received.length;
            return [{ topic: spec.name, partition: 1, offset: 3 }];
          },
        }),
      );
      await receiver.until(() => receiver.assigned.length === 1);
      restored.open();
      await receiver.records(7);
      expect(delivered).toBe(0);
      const of = (partition: number) => receiver.received.filter((r) => r.partition === partition).map((r) => r.offset);
      expect([of(0), of(1)]).toEqual([
        [0, 1, 2, 3, 4],
        [3, 4],
      ]);
    });

    test("an offset that is not there reads from the oldest record", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      await log.append(spec.name, numbered(3));
      const receiver = new Receiver();
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          onAssigned: async () => [{ topic: spec.name, partition: 0, offset: 1_000 }],
        }),
      );
      await receiver.records(3);
      expect(receiver.values()).toEqual(["0", "1", "2"]);
    });

    test("taking over is tried again when it fails", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      await log.append(spec.name, numbered(1));
      const receiver = new Receiver();
      let attempts = 0;
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          onAssigned: async () => {
            attempts += 1;
            if (attempts < 3) throw new Error("the store is not there");
          },
        }),
      );
      await receiver.records(1);
      expect(attempts).toBe(3);
    });

    test("a batch that fails comes again, and others of the partition wait for it", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      await log.append(spec.name, numbered(3));
      const receiver = new Receiver();
      let failures = 0;
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          onBatch: async (batch) => {
            if (failures < 2) {
              failures += 1;
              throw new Error("not yet");
            }
            receiver.take(batch);
          },
        }),
      );
      await receiver.records(3);
      expect(receiver.values()).toEqual(["0", "1", "2"]);
    });

    test("a slow partition does not hold up others, and what is read ahead of it is bounded", async () => {
      const spec = topicSpec({ partitions: 2 });
      const log = await openWith(spec);
      const receiver = new Receiver();
      const slow = gate();
      const begun = gate();
      const bufferedBytesMax = 64 * 1024;
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          bufferedBytesMax,
          onBatch: async (batch) => {
            if (batch.partition === 0) {
              begun.open();
              await slow.opened;
            }
            receiver.take(batch);
          },
        }),
      );
      await log.append(spec.name, numbered(1, 0));
      await begun.opened;
      const value = randomBytes(100_000);
      for (let i = 0; i < 40; i += 1) {
        await log.append(spec.name, [
          { key: null, value, partition: 0 },
          { key: null, value, partition: 1 },
        ]);
      }
      await receiver.records(40);
      expect(receiver.received.every(({ partition }) => partition === 1)).toBe(true);
      const status = log.describe().partitions.find(({ partition }) => partition === 0);
      // one read of at most 1 MiB may come on top of the bound
      expect(status?.bufferedBytes).toBeLessThan(bufferedBytesMax + 1.2 * 1024 * 1024);
      slow.open();
      await receiver.records(81);
      const offsets = receiver.received.filter(({ partition }) => partition === 0).map(({ offset }) => offset);
      expect(offsets).toEqual(Array.from({ length: 41 }, (_, i) => i));
    });

    test("two members share the partitions; what is in flight is finished and committed before it is handed over", async () => {
      const spec = topicSpec({ partitions: 4 });
      const log = await openWith(spec);
      const other = await open();
      const groupId = randomUUID();
      const seen = new Receiver();
      const held = gate();
      const begun = gate();
      const next = new Map<number, number>();
      const startMember = (client: EventLog, receiver: Receiver, wait: Promise<void> | null): GroupConsumer => {
        const consumer: GroupConsumer = client.consume(
          receiver.options(spec.name, groupId, {
            onBatch: async (batch) => {
              begun.open();
              await wait;
              next.set(batch.partition, batch.nextOffset);
              seen.take(batch);
            },
            onRevoked: async (partitions) => {
              receiver.revoked.push([...partitions]);
              const offsets = partitions.flatMap(({ topic, partition }) => {
                const offset = next.get(partition);
                return offset === undefined ? [] : [{ topic, partition, offset }];
              });
              await consumer.commit(offsets);
            },
          }),
        );
        return consumer;
      };
      const spread = Array.from({ length: 100 }, (_, i) => ({
        key: null,
        value: bytes(String(i)),
        partition: i % 4,
      }));
      await log.append(spec.name, spread);
      const first = new Receiver();
      const firstConsumer = startMember(log, first, held.opened);
      await begun.opened;
      const second = new Receiver();
      startMember(other, second, null);
      held.open();
      await second.until(() => (second.assigned.at(-1)?.length ?? 0) === 2);
      await first.until(() => (first.assigned.at(-1)?.length ?? 0) === 2);
      expect(first.revoked[0]).toHaveLength(4);
      await log.append(spec.name, spread);
      await seen.records(200);
      const places = seen.received.map(({ partition, offset }) => `${partition}/${offset}`);
      expect(new Set(places).size).toBe(200);
      expect(seen.received).toHaveLength(200);
      const kept = new Set(first.assigned[0]?.map(({ partition }) => partition));
      expect(first.assigned.at(-1)?.every(({ partition }) => kept.has(partition))).toBe(true);

      await firstConsumer.close();
      await second.until(() => (second.assigned.at(-1)?.length ?? 0) === 4);
      await log.append(spec.name, spread);
      await seen.records(300);
      expect(new Set(seen.received.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(300);
    });

    test("a commit for a partition that is not the member's is refused", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      const groupId = randomUUID();
      await log.append(spec.name, numbered(3));
      const receiver = new Receiver();
      const consumer = log.consume(receiver.options(spec.name, groupId));
      const commit = () => consumer.commit([{ topic: spec.name, partition: 0, offset: 2 }]);
      await expect(commit()).rejects.toMatchObject({ code: "OEE_LOG_NOT_OWNER" });
      await receiver.records(3);
      await commit();
      await consumer.close();
      await expect(commit()).rejects.toMatchObject({ code: "OEE_LOG_NOT_OWNER" });
    });

    test("the status tells position, end and lag", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      const groupId = randomUUID();
      const receiver = new Receiver();
      const slow = gate();
      log.consume(
        receiver.options(spec.name, groupId, {
          onBatch: async (batch) => {
            receiver.take(batch);
            await slow.opened;
          },
        }),
      );
      await log.append(spec.name, numbered(4));
      await receiver.records(4);
      const status = log.describe();
      expect(status.state).toBe("connected");
      expect(status.partitions).toMatchObject([{ topic: spec.name, groupId, position: 0, endOffset: 4, lag: 4 }]);
      slow.open();
    });
  });

  describe(`${name}: batches without records that can be read`, () => {
    const { damage } = subject;
    const appendAndDamage =
      (change: (batch: Buffer) => void) =>
      async (log: EventLog, topic: string): Promise<void> => {
        await log.append(topic, [{ key: "k", value: bytes("damaged"), partition: 0 }]);
        await damage()?.(topic, change);
      };
    const kinds: Readonly<Record<string, Strange>> = {
      empty: { unreadable: [], put: (log, topic) => log.append(topic, []) },
      "that are corrupt": { unreadable: ["checksum"], put: appendAndDamage(corrupt) },
      "with a record that is longer than they are": {
        unreadable: ["records"],
        put: appendAndDamage((batch) => withChecksum(batch, () => batch.writeInt8(0x7e, BATCH_HEADER_BYTES))),
      },
      ...subject.strange,
    };
    for (const [kind, strange] of Object.entries(kinds)) {
      test(`batches ${kind} stop no partition, are told, and lose nothing`, async ({ skip }) => {
        if (damage() === null) skip("what is stored in KAFKA_BROKERS is out of reach");
        const spec = topicSpec({ partitions: 1, ...strange.spec });
        const log = await openWith(spec);
        const put = (value: string): Promise<void> =>
          log.append(spec.name, [{ key: value, value: bytes(value), partition: 0 }]);
        const unreadable: string[] = [];
        const options = (receiver: Receiver, more: Partial<ConsumeOptions> = {}): ConsumeOptions =>
          receiver.options(spec.name, randomUUID(), {
            onBatch: async (batch) => {
              if (batch.unreadable !== null) unreadable.push(batch.unreadable.reason);
              receiver.take(batch);
            },
            ...more,
          });

        // nothing else in the partition
        await strange.put(log, spec.name);
        const first = new Receiver();
        const alone = log.consume(options(first));
        await first.until(() => first.assigned.length === 1);
        await put("1");
        await first.records(1);
        expect([first.values(), unreadable.splice(0)]).toEqual([["1"], strange.unreadable]);
        await alone.close();

        // alone in a fetch: nothing is read while the batch before it is in hand
        const held = gate();
        const begun = gate();
        const second = new Receiver();
        const consumer = log.consume({
          ...options(second, { bufferedBytesMax: 1 }),
          onBatch: async (batch) => {
            if (batch.unreadable !== null) unreadable.push(batch.unreadable.reason);
            if (batch.length > 0) begun.open();
            await held.opened;
            second.take(batch);
          },
          onAssigned: async (partitions) =>
            partitions.map(({ topic, partition }) => ({ topic, partition, offset: first.received[0]?.offset ?? 0 })),
        });
        await begun.opened;
        await strange.put(log, spec.name);
        held.open();
        const statusOf = () => log.describe().partitions.find(({ groupId }) => groupId !== null);
        await expect.poll(() => statusOf()?.lag).toBe(0);
        await put("2");
        await second.records(2);
        expect([second.values(), unreadable.splice(0)]).toEqual([["1", "2"], strange.unreadable]);
        await consumer.close();

        // at the end, and all together in one fetch
        await strange.put(log, spec.name);
        const caughtUp = gate();
        const third = new Receiver();
        const onBatch = (batch: RecordBatch): void => {
          if (batch.unreadable !== null) unreadable.push(batch.unreadable.reason);
          third.take(batch);
        };
        const follower = log.followKeyed({ topic: spec.name, onBatch, onCaughtUp: caughtUp.open });
        await caughtUp.opened;
        await follower.close();
        const all = Array.from({ length: 3 }, () => strange.unreadable).flat();
        expect([third.values(), unreadable]).toEqual([["1", "2"], all]);
        expect(log.describe().unreadableBatches).toBeGreaterThanOrEqual(all.length);
      });
    }
  });

  describe(`${name}: keyed topics`, () => {
    const keyed = (): TopicSpec => topicSpec({ cleanup: "compact", partitions: 3 });

    test("the newest record of each key is read; a tombstone takes a key away", async () => {
      const spec = keyed();
      const log = await openWith(spec);
      const put = (key: string, value: string | null) => ({ key, value: value === null ? null : bytes(value) });
      await log.append(spec.name, [put("a", "1"), put("b", "1"), put("c", "1"), put("a", "2")]);
      await log.append(spec.name, [put("a", "3"), put("b", null), put("d", ""), put("c", null), put("c", "2")]);
      const all = await log.readKeyed(spec.name);
      const texts = new Map([...all].map(([key, { value }]) => [key, value.toString()]));
      expect(texts).toEqual(
        new Map([
          ["a", "3"],
          ["c", "2"],
          ["d", ""],
        ]),
      );
      const partition = partitionOf("a", 3);
      const some = await log.readKeyed(spec.name, [partition]);
      expect([...some.keys()].toSorted()).toEqual(
        [...texts.keys()].filter((k) => partitionOf(k, 3) === partition).toSorted(),
      );
      expect(some.get("a")).toMatchObject({ partition });
    });

    test("an empty topic is read to its end at once", async () => {
      const spec = keyed();
      const log = await openWith(spec);
      expect((await log.readKeyed(spec.name)).size).toBe(0);
    });

    test("a keyed record needs a key, of a length that can be kept", async () => {
      const spec = keyed();
      const log = await openWith(spec);
      await expect(log.append(spec.name, [{ key: null, value: bytes("1") }])).rejects.toMatchObject({
        code: "OEE_LOG_KEY_MISSING",
      });
      await expect(log.append(spec.name, [{ key: "x".repeat(1025), value: null }])).rejects.toMatchObject({
        code: "OEE_LOG_RECORD_TOO_LARGE",
      });
      await log.append(spec.name, [{ key: "x".repeat(1024), value: bytes("long") }]);
      expect((await log.readKeyed(spec.name)).size).toBe(1);
    });

    test("any number of followers get what was there, are told so once, and then what comes", async () => {
      const spec = keyed();
      const log = await openWith(spec);
      const other = await open();
      await log.append(spec.name, [
        { key: "a", value: bytes("1") },
        { key: "b", value: bytes("1") },
      ]);
      const followers = [log, other].map((client) => {
        const receiver = new Receiver();
        let caughtUp = 0;
        let before = -1;
        const follower = client.followKeyed({
          topic: spec.name,
          onBatch: (batch) => receiver.take(batch),
          onCaughtUp: () => {
            caughtUp += 1;
            before = receiver.received.length;
            receiver.changed();
          },
        });
        return { receiver, follower, caughtUp: () => caughtUp, before: () => before };
      });
      await Promise.all(followers.map(({ receiver, caughtUp }) => receiver.until(() => caughtUp() === 1)));
      await log.append(spec.name, [
        { key: "a", value: bytes("2") },
        { key: "b", value: null },
      ]);
      for (const { receiver, caughtUp, before } of followers) {
        await receiver.records(4);
        expect([caughtUp(), before()]).toEqual([1, 2]);
        const newest = new Map(receiver.received.map(({ key, value }) => [key, value]));
        expect(newest).toEqual(
          new Map([
            ["a", "2"],
            ["b", null],
          ]),
        );
      }
      await followers[0]?.follower.close();
    });
  });

  describe(`${name}: closing`, () => {
    test("a worker that restores while the log is closed is told, and closing does not wait for it", async () => {
      const spec = topicSpec({ partitions: 1 });
      const keyed = topicSpec({ cleanup: "compact", partitions: 1 });
      const log = await openWith(spec);
      await log.ensureTopics([keyed]);
      await log.append(keyed.name, [{ key: "a", value: bytes("1") }]);
      const receiver = new Receiver();
      const outcome = gate();
      let code: unknown;
      log.consume(
        receiver.options(spec.name, randomUUID(), {
          onAssigned: async (partitions) => {
            receiver.assigned.push([...partitions]);
            const reading = log.readKeyed(keyed.name);
            receiver.changed();
            code = await reading.then(
              () => "read",
              (error: unknown) => (error as { code: unknown }).code,
            );
            outcome.open();
          },
        }),
      );
      await receiver.until(() => receiver.assigned.length === 1);
      await Promise.all([log.close(), outcome.opened]);
      expect(["read", "OEE_LOG_CLOSED"]).toContain(code);
    });

    test("closing hands back, lets appends finish, may be repeated, and ends everything", async () => {
      const spec = topicSpec({ partitions: 1 });
      const log = await openWith(spec);
      const receiver = new Receiver();
      const consumer = log.consume(receiver.options(spec.name, randomUUID()));
      log.followKeyed({ topic: spec.name, onBatch() {} });
      await receiver.until(() => receiver.assigned.length === 1);
      const appended = log.append(spec.name, numbered(10));
      await Promise.all([log.close(), log.close(), consumer.close()]);
      await appended;
      expect(receiver.revoked).toEqual([[{ topic: spec.name, partition: 0 }]]);
      expect(log.describe().state).toBe("closed");
      await expect(log.append(spec.name, numbered(1))).rejects.toMatchObject({ code: "OEE_LOG_CLOSED" });
      expect(() => log.consume(receiver.options(spec.name, "late"))).toThrow(
        expect.objectContaining({ code: "OEE_LOG_CLOSED" }),
      );
    });
  });
}
