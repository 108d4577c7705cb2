/** Makes the parts of `describe()` that the queues know: positions, ends, lag and bytes that wait. */
import type { AppendQueue } from "./append-queue.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import type { LogStatus } from "./port.ts";

export function statusOf(
  queues: Iterable<PartitionQueue>,
  appends: readonly AppendQueue[],
): Pick<LogStatus, "partitions" | "waitingAppends"> {
  return {
    partitions: Array.from(queues, (queue) => ({
      topic: queue.topic,
      partition: queue.partition,
      groupId: queue.groupId,
      position: queue.handled,
      endOffset: queue.highWatermark,
      lag: Math.max(0, queue.highWatermark - queue.handled),
      bufferedBytes: queue.bufferedBytes,
    })),
    waitingAppends: {
      records: appends.reduce((sum, queue) => sum + queue.waitingRecords, 0),
      bytes: appends.reduce((sum, queue) => sum + queue.waitingBytes, 0),
    },
  };
}
