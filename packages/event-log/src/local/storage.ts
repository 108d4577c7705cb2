/**
 * What a log within one process needs of its storage: batches of records by partition and offset, the newest offset of
 * each key, and small texts. Reads are synchronous and see every write that has resolved; a write is atomic, and durable
 * when it resolves as far as the storage is.
 */
import { BATCH_HEADER_BYTES } from "../record-decoding.ts";

/** A partition's number over all topics. */
export type PartitionId = number;

export interface StoredBatch {
  readonly baseOffset: number;
  readonly bytes: Buffer;
}

/** Whether a record batch, as its header says, has nothing at or after the offset. */
export function endsBefore(batch: StoredBatch, offset: number): boolean {
  return batch.bytes.length >= BATCH_HEADER_BYTES && batch.baseOffset + batch.bytes.readInt32BE(23) < offset;
}

export type Change =
  | { readonly kind: "putBatch"; readonly partition: PartitionId; readonly baseOffset: number; readonly bytes: Buffer }
  | { readonly kind: "deleteBatch"; readonly partition: PartitionId; readonly baseOffset: number }
  | { readonly kind: "putKey"; readonly partition: PartitionId; readonly key: Buffer; readonly offset: number }
  | { readonly kind: "deleteKey"; readonly partition: PartitionId; readonly key: Buffer }
  | { readonly kind: "putText"; readonly name: string; readonly text: string };

export interface Storage {
  /** Where to lay out a batch for the `write` that comes next, in the same turn. */
  roomOf(bytes: number): Buffer;
  write(changes: readonly Change[]): Promise<void>;
  /** Batches from the one that holds `offset`, or the next, on: at least one if there is any, more up to `bytesMax`. */
  readBatches(partition: PartitionId, offset: number, bytesMax: number): StoredBatch[];
  /** How many bytes the batch has that begins at an offset; 0: none does. */
  bytesAt(partition: PartitionId, baseOffset: number): number;
  /** Where the first batch that begins after the offset begins. */
  batchAfter(partition: PartitionId, offset: number): number | undefined;
  /** Where the newest record of the key is. */
  offsetOfKey(partition: PartitionId, key: Buffer): number | undefined;
  /** All texts whose name begins with the prefix. */
  texts(prefix: string): Iterable<readonly [name: string, text: string]>;
  close(): Promise<void>;
}
