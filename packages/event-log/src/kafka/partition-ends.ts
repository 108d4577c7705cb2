/**
 * Where the partitions of a topic end, asked of their leaders: the high watermark (of a reader that sees open
 * transactions) and the last stable offset (of one that does not). Two requests a leader.
 */
import type { PartitionEnd } from "../port.ts";
import type { Broker, Cluster } from "./internals.ts";

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const NO_REPLICA = -1;
/** Kafka's word for the end instead of a time. */
const LATEST = -1;

/** Throws what kafkajs does, also where a partition has no leader. */
export async function kafkaEnds(cluster: Cluster, topic: string): Promise<PartitionEnd[]> {
  // partitions may have been added, and leaders may have changed
  await cluster.refreshMetadata();
  const byLeader = new Map<number, number[]>();
  for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic)) {
    if (leader < 0) throw withoutLeader(topic, partitionId);
    const partitions = byLeader.get(leader);
    if (partitions === undefined) byLeader.set(leader, [partitionId]);
    else partitions.push(partitionId);
  }
  const ends = await Promise.all(
    Array.from(byLeader, async ([leader, partitions]) => {
      const broker = await cluster.findBroker({ nodeId: String(leader) });
      const [newest, readable] = await Promise.all([
        latest(broker, topic, partitions, READ_UNCOMMITTED),
        latest(broker, topic, partitions, READ_COMMITTED),
      ]);
      return partitions.map((partition) => {
        const endOffset = newest.get(partition) ?? 0;
        // the second answer may be newer than the first
        return { partition, endOffset, readableEnd: Math.min(endOffset, readable.get(partition) ?? endOffset) };
      });
    }),
  );
  return ends.flat().toSorted((a, b) => a.partition - b.partition);
}

/** With the type that a broker gives it. */
function withoutLeader(topic: string, partition: number): Error {
  return Object.assign(new Error(`partition ${partition} of ${topic} has no leader`), { type: "LEADER_NOT_AVAILABLE" });
}

async function latest(
  broker: Broker,
  topic: string,
  partitions: readonly number[],
  isolationLevel: number,
): Promise<Map<number, number>> {
  const { responses } = await broker.listOffsets({
    replicaId: NO_REPLICA,
    isolationLevel,
    topics: [{ topic, partitions: partitions.map((partition) => ({ partition, timestamp: LATEST })) }],
  });
  const answered = responses.find((response) => response.topic === topic)?.partitions ?? [];
  return new Map(answered.map(({ partition, offset }) => [partition, Number(offset)]));
}
