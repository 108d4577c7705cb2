/** Decodes Kafka's response to a fetch request (version 11); record sets stay bytes. */
import type { AbortedTransaction } from "../record-decoding.ts";
import { ProtocolReader } from "./protocol-reader.ts";

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** 0 is none. */
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly records: Buffer;
}

export interface FetchResponse {
  /** How long the broker wants this client to be quiet; kafkajs sees to it. */
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

export function decodeFetchResponse(payload: Buffer): FetchResponse {
  const reader = new ProtocolReader(payload);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  reader.int32(); // session
  const partitions: FetchedPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topic = reader.string();
    for (let count = reader.int32(); count > 0; count -= 1) partitions.push(readPartition(reader, topic));
  }
  return { clientSideThrottleTime, errorCode, partitions };
}

function readPartition(reader: ProtocolReader, topic: string): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = Number(reader.int64());
  const lastStableOffset = Number(reader.int64());
  reader.int64(); // log start offset
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count -= 1) {
    aborted.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) });
  }
  reader.int32(); // preferred read replica
  const records = reader.bytes(Math.max(0, reader.int32()));
  return { topic, partition, errorCode, highWatermark, lastStableOffset, aborted, records };
}
