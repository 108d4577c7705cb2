/**
 * One partition of a local topic: its offsets, and what it takes to append to it. Changes come out as data; the caller
 * writes them and says so with `wrote`. For a compacted topic each record is a batch of its own, and a newer record of a
 * key takes the place of the older one in the same write: such a topic never holds more than one record a key.
 */
import type { AppendRecord, TopicSpec } from "../port.ts";
import { encodeRecordBatch } from "../record-encoding.ts";
import type { Change, PartitionId, Storage } from "./storage.ts";

export interface PartitionState {
  /** The oldest offset that may be there. */
  startOffset: number;
  /** The offset of the next record. */
  endOffset: number;
  /** Bytes of all batches. */
  bytes: number;
}

export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly id: PartitionId;
  state: PartitionState;
  /** How far the search for old tombstones has come. */
  cleanedTo: number = 0;
  /** Called after records were appended. */
  readonly onAppended: Set<() => void> = new Set();
  readonly #storage: Storage;
  readonly #roomOf = (bytes: number): Buffer => this.#storage.roomOf(bytes);

  constructor(topic: string, partition: number, id: PartitionId, state: PartitionState, storage: Storage) {
    this.topic = topic;
    this.partition = partition;
    this.id = id;
    this.state = state;
    this.#storage = storage;
  }

  /** The changes that append the records, and the state after them. */
  append(
    records: readonly AppendRecord[],
    cleanup: TopicSpec["cleanup"],
    timestamp: number,
  ): { changes: Change[]; state: PartitionState } {
    const { startOffset, endOffset, bytes } = this.state;
    if (cleanup === "compact") return this.#appendKeyed(records, timestamp);
    const batch = encodeRecordBatch(records, endOffset, timestamp, this.#roomOf);
    const state = { startOffset, endOffset: endOffset + records.length, bytes: bytes + batch.length };
    return {
      changes: [{ kind: "putBatch", partition: this.id, baseOffset: endOffset, bytes: batch }, this.putState(state)],
      state,
    };
  }

  /** The change that makes the state durable. */
  putState(state: PartitionState): Change {
    return { kind: "putText", name: `partition/${this.id}`, text: JSON.stringify(state) };
  }

  appended(state: PartitionState): void {
    this.state = state;
    for (const notify of this.onAppended) notify();
  }

  #appendKeyed(records: readonly AppendRecord[], timestamp: number): { changes: Change[]; state: PartitionState } {
    const changes: Change[] = [];
    const state = { ...this.state };
    const newest = new Map<string, { key: Buffer; record: AppendRecord; offset: number }>();
    for (const [index, record] of records.entries()) {
      const key = Buffer.from(record.key ?? "");
      newest.set(key.toString("latin1"), { key, record, offset: state.endOffset + index });
    }
    for (const { key, record, offset } of newest.values()) {
      const older = this.#storage.offsetOfKey(this.id, key);
      if (older !== undefined) {
        state.bytes -= this.#storage.bytesAt(this.id, older);
        changes.push({ kind: "deleteBatch", partition: this.id, baseOffset: older });
      }
      const batch = encodeRecordBatch([record], offset, timestamp, this.#roomOf);
      state.bytes += batch.length;
      changes.push({ kind: "putBatch", partition: this.id, baseOffset: offset, bytes: batch });
      changes.push({ kind: "putKey", partition: this.id, key, offset });
    }
    // memory and LMDB alike take batches in order of offset
    changes.sort((a, b) => orderOf(a) - orderOf(b));
    state.endOffset += records.length;
    return { changes: [...changes, this.putState(state)], state };
  }
}

function orderOf(change: Change): number {
  return change.kind === "putBatch" ? change.baseOffset : -1;
}
