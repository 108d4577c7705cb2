/** Storage that forgets everything when the process ends: for tests and simulation. */
import { type Change, endsBefore, type PartitionId, type Storage, type StoredBatch } from "./storage.ts";

interface Partition {
  /** In order of base offset. */
  batches: StoredBatch[];
  readonly keys: Map<string, number>;
}

export class MemoryStorage implements Storage {
  readonly #partitions = new Map<PartitionId, Partition>();
  readonly #texts = new Map<string, string>();

  /** It keeps what it is given. */
  roomOf(bytes: number): Buffer {
    return Buffer.allocUnsafe(bytes);
  }

  async write(changes: readonly Change[]): Promise<void> {
    for (const change of changes) this.#apply(change);
  }

  readBatches(partition: PartitionId, offset: number, bytesMax: number): StoredBatch[] {
    const { batches } = this.#partition(partition);
    const first = Math.max(0, after(batches, offset) - 1);
    const read: StoredBatch[] = [];
    let bytes = 0;
    for (let i = first; i < batches.length; i += 1) {
      const batch = batches[i] as StoredBatch;
      if (endsBefore(batch, offset)) continue;
      if (read.length > 0 && bytes + batch.bytes.length > bytesMax) break;
      read.push(batch);
      bytes += batch.bytes.length;
    }
    return read;
  }

  bytesAt(partition: PartitionId, baseOffset: number): number {
    const { batches } = this.#partition(partition);
    const batch = batches[after(batches, baseOffset - 1)];
    return batch?.baseOffset === baseOffset ? batch.bytes.length : 0;
  }

  batchAfter(partition: PartitionId, offset: number): number | undefined {
    const { batches } = this.#partition(partition);
    return batches[after(batches, offset)]?.baseOffset;
  }

  offsetOfKey(partition: PartitionId, key: Buffer): number | undefined {
    return this.#partition(partition).keys.get(key.toString("latin1"));
  }

  *texts(prefix: string): Iterable<readonly [string, string]> {
    for (const entry of this.#texts) if (entry[0].startsWith(prefix)) yield entry;
  }

  async close(): Promise<void> {}

  #apply(change: Change): void {
    if (change.kind === "putText") {
      this.#texts.set(change.name, change.text);
      return;
    }
    const partition = this.#partition(change.partition);
    switch (change.kind) {
      case "putBatch":
        partition.batches.push({ baseOffset: change.baseOffset, bytes: change.bytes });
        return;
      case "deleteBatch": {
        const index = after(partition.batches, change.baseOffset) - 1;
        if (partition.batches[index]?.baseOffset === change.baseOffset) partition.batches.splice(index, 1);
        return;
      }
      case "putKey":
        partition.keys.set(change.key.toString("latin1"), change.offset);
        return;
      case "deleteKey":
        partition.keys.delete(change.key.toString("latin1"));
        return;
    }
  }

  #partition(id: PartitionId): Partition {
    let partition = this.#partitions.get(id);
    if (partition === undefined) {
      partition = { batches: [], keys: new Map() };
      this.#partitions.set(id, partition);
    }
    return partition;
  }
}

/** How many batches begin at or before the offset. */
function after(batches: readonly StoredBatch[], offset: number): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((batches[middle] as StoredBatch).baseOffset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
