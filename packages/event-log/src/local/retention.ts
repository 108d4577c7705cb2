/**
 * Retention of a local log: deletes whole batches from the old end of a partition by age and by bytes, and in compacted
 * topics tombstones older than a day, which every follower has had time to read. One call does a bounded part, in one write.
 */
import type { TopicSpec } from "../port.ts";
import { BATCH_HEADER_BYTES, checkBatch, decodeRecords, headerAt } from "../record-decoding.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { Change, Storage, StoredBatch } from "./storage.ts";

const DELETED_BATCHES_MAX = 1_000;
const SCANNED_BYTES_MAX = 1024 * 1024;
/** Kafka's default (`delete.retention.ms`). */
const TOMBSTONE_MS = 24 * 60 * 60 * 1000;
const MAX_TIMESTAMP_AT = 35;

/** True when there may be more to delete. */
export async function cleanPartition(
  spec: TopicSpec,
  partition: PartitionLog,
  storage: Storage,
  now: number,
  write: (changes: readonly Change[]) => Promise<void>,
): Promise<boolean> {
  const state = { ...partition.state };
  const changes =
    spec.cleanup === "compact"
      ? oldTombstones(partition, state, storage, now)
      : oldBatches(spec, partition, state, storage, now);
  if (changes.length === 0) return false;
  await write([...changes, partition.putState(state)]);
  partition.state = state;
  return changes.length >= DELETED_BATCHES_MAX;
}

function oldBatches(
  { retentionMs, retentionBytes }: TopicSpec,
  { id }: PartitionLog,
  state: PartitionLog["state"],
  storage: Storage,
  now: number,
): Change[] {
  const changes: Change[] = [];
  while (changes.length < DELETED_BATCHES_MAX && state.startOffset < state.endOffset) {
    const [oldest] = storage.readBatches(id, state.startOffset, 0);
    if (oldest === undefined) break;
    const expired = retentionMs !== null && maxTimestampOf(oldest.bytes, now) < now - retentionMs;
    const tooMuch = retentionBytes !== null && state.bytes > retentionBytes;
    if (!expired && !tooMuch) break;
    changes.push({ kind: "deleteBatch", partition: id, baseOffset: oldest.baseOffset });
    state.bytes -= oldest.bytes.length;
    state.startOffset = storage.batchAfter(id, oldest.baseOffset) ?? state.endOffset;
  }
  return changes;
}

/** Goes on where the last call ended, and begins anew at the end. */
function oldTombstones(partition: PartitionLog, state: PartitionLog["state"], storage: Storage, now: number): Change[] {
  const scanned = storage.readBatches(partition.id, partition.cleanedTo, SCANNED_BYTES_MAX);
  const last = scanned.at(-1);
  partition.cleanedTo = last === undefined || last.baseOffset + 1 >= state.endOffset ? 0 : last.baseOffset + 1;
  return scanned.flatMap((batch) => {
    const key = oldTombstoneKey(batch, now);
    if (key === null) return [];
    state.bytes -= batch.bytes.length;
    return [
      { kind: "deleteBatch", partition: partition.id, baseOffset: batch.baseOffset },
      { kind: "deleteKey", partition: partition.id, key },
    ];
  });
}

/** Batches of compacted topics hold one record. Nearly all are too young, as their headers say. */
function oldTombstoneKey({ bytes, baseOffset }: StoredBatch, now: number): Buffer | null {
  if (maxTimestampOf(bytes, now) >= now - TOMBSTONE_MS) return null;
  const header = headerAt(bytes, 0, bytes.length);
  if (checkBatch(bytes, header) !== null) return null;
  const { length, spans, timestamps } = decodeRecords(bytes, [{ ...header, baseOffset }], baseOffset);
  const isOld = length === 1 && (timestamps[0] as number) < now - TOMBSTONE_MS;
  return isOld && (spans[2] as number) < 0 ? bytes.subarray(spans[0], spans[1]) : null;
}

/** A damaged batch that says it is of the future would keep all that came after it. */
function maxTimestampOf(batch: Buffer, now: number): number {
  if (batch.length < BATCH_HEADER_BYTES) return 0;
  const timestamp = Number(batch.readBigInt64BE(MAX_TIMESTAMP_AT));
  return timestamp > now && checkBatch(batch, headerAt(batch, 0, batch.length)) !== null ? 0 : timestamp;
}
