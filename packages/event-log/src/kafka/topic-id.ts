/**
 * Asks the leaders of a topic's partitions for its id (Metadata, version 10; Kafka 2.8 and newer have ids): a topic that was deleted
 * and made anew has another one. The leaders, because records are read from them: one that has served records of the new topic
 * answers its id.
 */
import { type Broker, type Cluster, sendMetadata } from "./internals.ts";
import { ProtocolReader } from "./protocol-reader.ts";

const ID_BYTES = 16;
/** As clients and tools of Kafka write ids. */
const NONE = Buffer.alloc(ID_BYTES).toString("base64url");

/** The ids that the leaders answer, which differ while the topic is being made anew; none where there is no topic, or no ids. Throws what kafkajs does. */
export async function kafkaTopicIds(cluster: Cluster, topic: string): Promise<ReadonlySet<string>> {
  await cluster.refreshMetadata();
  const leaders = new Set(cluster.findTopicPartitionMetadata(topic).map(({ leader }) => leader));
  const answered = await Promise.all(
    Array.from(leaders, async (leader) => {
      if (leader < 0) return null;
      return idAt(await cluster.findBroker({ nodeId: String(leader) }), topic);
    }),
  );
  return new Set(answered.filter((id) => id !== null));
}

async function idAt(broker: Broker, topic: string): Promise<string | null> {
  const id = await sendMetadata(broker, requestOf(topic), idIn);
  return id === NONE ? null : id;
}

/** The header's end, one topic by its name, no topic made by asking, and no operations listed. */
function requestOf(topic: string): Buffer {
  const name = Buffer.from(topic);
  return Buffer.from([0, 2, ...Buffer.alloc(ID_BYTES), ...unsigned(name.length + 1), ...name, 0, 0, 0, 0, 0]);
}

/** The id of the only topic of an answer; `null`: there is no such topic. */
function idIn(answer: Buffer): string | null {
  const reader = new ProtocolReader(answer);
  reader.tags();
  reader.int32(); // how long this client is to be quiet
  for (let brokers = reader.unsigned() - 1; brokers > 0; brokers -= 1) {
    reader.int32();
    reader.compactBytes();
    reader.int32();
    reader.compactBytes();
    reader.tags();
  }
  reader.compactBytes(); // the cluster's id
  reader.int32();
  if (reader.unsigned() - 1 < 1 || reader.int16() !== 0) return null;
  reader.compactBytes();
  return reader.bytes(ID_BYTES).toString("base64url");
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}
