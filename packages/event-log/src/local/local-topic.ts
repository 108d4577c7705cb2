/**
 * A topic of a local log: its partitions, and one queue of all that changes them, appends and retention alike, so that a
 * partition's state has one writer at a time.
 */
import { Turn } from "@oee/pacing";
import { AppendQueue } from "../append-queue.ts";
import { LogError } from "../error.ts";
import { partitionOf } from "../partitioner.ts";
import type { AppendRecord, TopicSpec } from "../port.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { Change } from "./storage.ts";

/** Large writes, for each costs the disk one round, but of no more records than are encoded while nothing else runs in some 5 ms. */
const LIMITS = { waitingBytesMax: 64 * 1024 * 1024, writeRecordsMax: 10_000, writeBytesMax: 4 * 1024 * 1024 };
/** Of a compacted topic each record is looked up and put by its key while nothing else runs: some 0.1 ms a record. */
const KEYED_LIMITS = { ...LIMITS, writeRecordsMax: 200, writeBytesMax: 512 * 1024 };

export class LocalTopic {
  spec: TopicSpec;
  readonly partitions: readonly PartitionLog[];
  readonly queue: AppendQueue;
  /** Of all that changes the partitions: one write of the queue, one cleaning. */
  readonly turn: Turn = new Turn();
  #keyless = 0;

  constructor(
    spec: TopicSpec,
    partitions: readonly PartitionLog[],
    write: (changes: readonly Change[]) => Promise<void>,
    now: () => number,
  ) {
    this.spec = spec;
    this.partitions = partitions;
    const limits = spec.cleanup === "compact" ? KEYED_LIMITS : LIMITS;
    this.queue = new AppendQueue((records) => this.turn.run(() => this.#append(records, write, now())), limits);
  }

  partition(index: number): PartitionLog {
    const partition = this.partitions[index];
    if (partition !== undefined) return partition;
    throw new LogError(
      "OEE_LOG_UNKNOWN_PARTITION",
      `topic ${this.spec.name} has partitions 0 to ${this.partitions.length - 1}, found ${index}`,
    );
  }

  async #append(
    records: readonly AppendRecord[],
    write: (changes: readonly Change[]) => Promise<void>,
    timestamp: number,
  ): Promise<void> {
    const byPartition = new Map<PartitionLog, AppendRecord[]>();
    for (const record of records) {
      const partition = this.#partitionOf(record);
      const group = byPartition.get(partition);
      if (group === undefined) byPartition.set(partition, [record]);
      else group.push(record);
    }
    const appends = [...byPartition].map(([partition, group]) => ({
      partition,
      ...partition.append(group, this.spec.cleanup, timestamp),
    }));
    await write(appends.flatMap(({ changes }) => changes));
    for (const { partition, state } of appends) partition.appended(state);
  }

  #partitionOf(record: AppendRecord): PartitionLog {
    if (record.partition !== undefined) return this.partition(record.partition);
    if (record.key !== null) return this.partition(partitionOf(record.key, this.partitions.length));
    this.#keyless = (this.#keyless + 1) % this.partitions.length;
    return this.partition(this.#keyless);
  }
}
