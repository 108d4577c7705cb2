/** A fetcher on a simulated broker, whose answers have damaged batches; a real broker cannot be made to send them. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { gate } from "../conformance.ts";
import { PartitionQueue } from "../partition-queue.ts";
import { silentLogger } from "../port.ts";
import { encodeRecordBatch } from "../record-encoding.ts";
import { Fetcher } from "./fetcher.ts";
import type { Broker, Cluster } from "./internals.ts";

function answerWith(records: Buffer): Buffer {
  const int = (value: number, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, Math.max(0, bytes - 6), Math.min(bytes, 6));
    return buffer;
  };
  const partition = [
    int(0, 4),
    int(0, 2),
    int(9, 8),
    int(9, 8),
    int(0, 8),
    int(0, 4),
    int(0, 4),
    int(records.length, 4),
  ];
  return Buffer.concat([
    int(0, 4),
    int(0, 2),
    int(0, 4),
    int(1, 4),
    int(1, 2),
    Buffer.from("t"),
    int(1, 4),
    ...partition,
    records,
  ]);
}

/** The part of kafkajs's request for records that says how long (ms) the broker waits for some. */
interface FetchRequest {
  encode(): Promise<{ readonly buffer: Buffer }>;
}

async function waitAskedFor(request: FetchRequest): Promise<number> {
  // Behind the number of the replica that asks.
  return (await request.encode()).buffer.readInt32BE(4);
}

describe("kafka: damaged batches", () => {
  async function fetchAll(answer: (request: number) => Buffer, maxWaitTimeMs = 1, onWait = (_ms: number): void => {}) {
    let requests = 0;
    const broker: Broker = {
      versions: { 1: { maxVersion: 11 } },
      connectionPool: {
        host: "h",
        port: 1,
        send: async ({ request, response }) => {
          requests += 1;
          onWait(await waitAskedFor(request as FetchRequest));
          await new Promise(setImmediate);
          return response.decode(answerWith(answer(requests)));
        },
      },
      disconnect: async () => {},
      heartbeat: async () => {},
      leaveGroup: async () => {},
      describeGroups: async () => ({ groups: [] }),
      listOffsets: async () => ({ responses: [] }),
      offsetCommit: async () => {},
      offsetFetch: async () => ({ responses: [] }),
    };
    const cluster: Cluster = {
      connect: async () => {},
      addMultipleTargetTopics: async () => {},
      refreshMetadata: async () => {},
      refreshMetadataIfNecessary: async () => {},
      removeBroker: () => {},
      findBroker: async () => broker,
      findGroupCoordinator: async () => broker,
      findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
      fetchTopicsOffset: async () => [],
    };
    const fetcher = new Fetcher({
      firstOffsetOf: () => 0,
      cluster: async () => cluster,
      logger: silentLogger,
      maxWaitTimeMs,
      onHealth: () => {},
    });
    const offsets: number[] = [];
    const unreadable: string[] = [];
    const done = gate();
    const queue = new PartitionQueue({
      topic: "t",
      partition: 0,
      offset: 0,
      groupId: null,
      bufferedBytesMax: 1,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i += 1) offsets.push(batch.offsetAt(i));
        if (batch.unreadable !== null) unreadable.push(`${batch.unreadable.reason} at ${batch.unreadable.offset}`);
        if (offsets.includes(3)) done.open();
      },
      onFailure: () => {},
    });
    fetcher.open(queue);
    await done.opened;
    const requestsUntilDelivered = requests;
    fetcher.close(queue);
    await fetcher.stop();
    return { offsets, requests: requestsUntilDelivered, unreadable, counted: fetcher.unreadableBatches };
  }

  const sound = Buffer.concat([0, 2].map((base) => encodeRecordBatch(twoRecords(), base, 0)));
  const damaged = Buffer.from(sound);
  damaged[70] = 0xff;

  test("a batch that was damaged on the way is fetched again, and no record is lost", async () => {
    const { offsets, unreadable } = await fetchAll((request) => (request < 3 ? damaged : sound));
    expect([offsets, unreadable]).toEqual([[0, 1, 2, 3], []]);
  });

  test("a batch that is damaged each time is handed over as unreadable after three fetches, and counted; the next one is read", async () => {
    const { offsets, unreadable, counted } = await fetchAll(() => damaged);
    expect([offsets, unreadable, counted]).toEqual([[2, 3], ["checksum at 0"], 1]);
  });

  test("a batch with an impossible offset is handed over as unreadable, and reading goes on behind it", async () => {
    const moved = Buffer.from(sound);
    moved.writeBigInt64BE(2n ** 50n, 0);
    const { offsets, unreadable } = await fetchAll(() => moved);
    expect([offsets, unreadable]).toEqual([[2, 3], ["format at 0"]]);
  });

  test("the broker waits shortly for records while other partitions may be opened, which the next request names", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const waits: number[] = [];
    const none = Buffer.alloc(0);
    const answer = (request: number): Buffer => {
      vi.advanceTimersByTime(2_000);
      return request < 4 ? none : sound;
    };
    await fetchAll(answer, 200, (ms) => void waits.push(ms));
    expect(waits.slice(0, 4)).toEqual([25, 25, 25, 200]);
  });
});

function twoRecords() {
  return [1, 2].map((n) => ({ key: "k", value: Buffer.from(`value ${n}`) }));
}
