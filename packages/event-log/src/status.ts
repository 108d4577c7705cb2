/** Makes the parts of `describe()` that the queues know: positions, ends, lag and bytes that wait; and says in words what is not read. */
import type { AppendQueue } from "./append-queue.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import type { LogStatus } from "./port.ts";

/** For people: what is not read, and what to do. */
export function notRead(unread: LogStatus["unread"]): readonly string[] {
  return unread.map(
    ({ topic, error }) =>
      `topic ${topic} is not read: ${error} (where it is missing, \`oee topics\` or a restart makes it)`,
  );
}

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
