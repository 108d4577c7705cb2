import { describe, expect, test } from "vitest";
import { gate } from "./conformance.ts";
import { PartitionQueue } from "./partition-queue.ts";
import { RecordBatch } from "./record-batch.ts";
import { batchHeaders, decodeRecords } from "./record-decoding.ts";
import { encodeRecordBatch } from "./record-encoding.ts";

/** A batch of `count` records from `offset` on; one of 0 stands for an offset without a record to hand over. */
function batchAt(offset: number, count: number): RecordBatch {
  const records = Array.from({ length: Math.max(1, count) }, () => ({ key: null, value: Buffer.from("x") }));
  const bytes = encodeRecordBatch(records, offset, 0);
  const decoded = decodeRecords(bytes, batchHeaders(bytes), offset);
  return new RecordBatch("t", 0, { ...decoded, length: count }, offset + records.length, 100);
}

function queueOf(onBatch: (batch: RecordBatch) => Promise<void> | void): PartitionQueue {
  const onFailure = (): void => {};
  return new PartitionQueue({
    topic: "t",
    partition: 0,
    offset: 0,
    groupId: null,
    bufferedBytesMax: 1,
    onBatch,
    onFailure,
  });
}

describe("partition queue", () => {
  test("a batch without records moves the handled offset on, and the next batch is handed over", async () => {
    const seen: number[] = [];
    const handled = gate();
    const queue = queueOf((batch) => {
      seen.push(batch.offsetAt(0));
      handled.open();
    });
    queue.push(batchAt(0, 0));
    await new Promise(setImmediate);
    expect([queue.handled, queue.hasRoom]).toEqual([1, true]);
    queue.push(batchAt(1, 2));
    await handled.opened;
    await new Promise(setImmediate);
    expect([seen, queue.handled, queue.bufferedBytes]).toEqual([[1], 3, 0]);
  });

  test("batches that come while another is handled wait for it, also those without records", async () => {
    const release = gate();
    const seen: number[] = [];
    const queue = queueOf(async (batch) => {
      seen.push(batch.offsetAt(0));
      await release.opened;
    });
    queue.push(batchAt(0, 1));
    queue.push(batchAt(1, 0));
    queue.push(batchAt(2, 1));
    expect([seen, queue.handled]).toEqual([[0], 0]);
    release.open();
    await expect.poll(() => queue.handled).toBe(3);
    expect(seen).toEqual([0, 2]);
  });

  test("a caller that hears of room while a batch without records is handled can push at once", async () => {
    const queue = queueOf(() => {});
    const rooms: number[] = [];
    queue.onRoom = () => {
      rooms.push(queue.position);
      if (queue.position < 5) queue.push(batchAt(queue.position, 0));
    };
    queue.push(batchAt(0, 0));
    await expect.poll(() => queue.handled).toBe(5);
    expect(rooms).toEqual([1, 2, 3, 4, 5]);
  });
});
