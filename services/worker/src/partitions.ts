/** The partitions of the events topic that this worker owns, and which machine belongs to which partition. */
import { partitionOf } from "@oee/event-log";
import type { OwnedPartition } from "./partition.ts";

export class Partitions implements Iterable<OwnedPartition> {
  readonly #owned: Map<number, OwnedPartition> = new Map();
  #dealtOver = 0;

  /** Number of partitions over which machines are dealt; the events topic may have more. */
  get dealtOver(): number {
    return this.#dealtOver;
  }

  /** Sets, once, over how many partitions machines are dealt. */
  dealOver(partitions: number): void {
    this.#dealtOver = partitions;
  }

  /** The partition of a machine, owned by this worker or another. */
  homeOf(machine: string): number {
    return partitionOf(machine, this.#dealtOver);
  }

  /** Number of machines of the partitions owned. */
  get machines(): number {
    let machines = 0;
    for (const { runners } of this.#owned.values()) machines += runners.size;
    return machines;
  }

  get(partition: number): OwnedPartition | undefined {
    return this.#owned.get(partition);
  }

  add(owned: OwnedPartition): void {
    this.#owned.set(owned.partition, owned);
  }

  remove(partition: number): void {
    this.#owned.delete(partition);
  }

  clear(): void {
    this.#owned.clear();
  }

  [Symbol.iterator](): Iterator<OwnedPartition> {
    return this.#owned.values();
  }
}
