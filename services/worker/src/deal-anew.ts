/**
 * Deals machines over more partitions while no worker runs (`oee topics --to`):
 *
 * 1. It adds partitions to the topics.
 * 2. It copies checkpoints to their machines' new partitions.
 * 3. It gives every partition the greatest epoch of all, so that rows of a machine that moved win over those of its old owner.
 *
 * If it is cut off it can be run again: until its last
 * step machines stay where they were, and events in new partitions are handed over.
 *
 * The new number must be a multiple of the old one. Then a machine stays, or goes to a partition with a greater number that
 * it was never in, so that stored events keep their order (by partition, then offset).
 */
import { type EventLog, type GroupConsumer, LogError, partitionOf, type Topics } from "@oee/event-log";
import type { Cancel, Scheduler } from "@oee/pacing";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { metadataOf, ownershipOf } from "./epoch.ts";
import type { FoundPlaces } from "./hand-over.ts";
import { dealOver, dealtOver } from "./layout.ts";

export interface DealingAnew {
  readonly log: EventLog;
  readonly scheduler: Pick<Scheduler, "after">;
  readonly topics: Topics;
  readonly groupId: string;
  readonly partitions: number;
  /** Adds partitions to a topic until it has this many. */
  readonly grow: (topic: string, partitions: number) => Promise<void>;
}

type Joining = Pick<DealingAnew, "log" | "scheduler" | "groupId">;

export interface Dealt {
  readonly before: number;
  readonly machinesMoved: number;
}

/** Greater than the index of any event in a record. */
const INDEX_MAX = 9_999_999;
const ASSIGNED_WITHIN_MS = 30_000;

interface Held {
  readonly consumer: Pick<GroupConsumer, "commit">;
  close(): Promise<void>;
  readonly committed: ReadonlyMap<number, { readonly offset: number; readonly metadata: string } | null>;
}

/** Throws `LogError`, and changes nothing, when the number is no multiple, workers run, or one did not end in order. */
export async function dealAnew({ log, scheduler, topics, groupId, partitions, grow }: DealingAnew): Promise<Dealt> {
  const before = await dealtOver(log, topics);
  if (partitions < before || partitions % before !== 0) {
    const found = `machines are dealt over ${before} partitions; found ${partitions}`;
    throw new LogError("OEE_LOG_LAYOUT_REFUSED", `${found}, expected a multiple, such as ${2 * before}`);
  }
  const events = topics.events.name;
  const had = await holdAll({ log, scheduler, groupId }, events);
  try {
    for (const [partition, committed] of had.committed) {
      if (committed === null || ownershipOf(committed.metadata).clean) continue;
      const what = `the owner of partition ${partition} of ${events} did not end in order`;
      throw new LogError("OEE_LOG_LAYOUT_REFUSED", `${what}: start a worker, stop it by SIGTERM, and try again`);
    }
  } finally {
    await had.close();
  }
  for (const topic of [events, topics.checkpoints.name, topics.live.name]) await grow(topic, partitions);
  const { consumer, committed, close } = await holdAll({ log, scheduler, groupId }, events);
  try {
    const owners = [...committed.values()].map((of) => ownershipOf(of?.metadata));
    const epoch = Math.max(0, ...owners.map((owner) => owner.epoch));
    // All owners ended in order, so no versions are lost; a checkpoint that moved may be of any epoch.
    const storeMadeAt = Math.max(0, ...owners.map((owner) => owner.storeMadeAt));
    // The machine whose row was the newest of its partition may be another partition's from now on.
    const metadata = metadataOf({ epoch, clean: true, soundTo: 0n, lost: [], checkpoints: 0, storeMadeAt, stored: 0n });
    const offsetOf = (partition: number): number => committed.get(partition)?.offset ?? 0;
    let machinesMoved = 0;
    for (let from = 0; from < before; from++) {
      const records = await log.readKeyed(topics.checkpoints.name, [from]);
      for (const [machine, { value }] of records) {
        const to = partitionOf(machine, partitions);
        if (partitionOf(machine, before) !== from || to === from) continue;
        machinesMoved++;
        const copy = movedTo(value, { from, fromOffset: offsetOf(from), toOffset: offsetOf(to) });
        await log.append(topics.checkpoints.name, [{ key: machine, value: copy, partition: to }]);
      }
    }
    await consumer.commit(
      [...committed.keys()].map((partition) => ({ topic: events, partition, offset: offsetOf(partition), metadata })),
    );
    await dealOver(log, topics, partitions);
    for (const topic of [topics.checkpoints.name, topics.live.name]) await forgetMoved(log, topic, partitions);
    return { before, machinesMoved };
  } finally {
    await close();
  }
}

/** Joins the consumer group as its only member, so that no worker can start meanwhile without a rebalance. */
async function holdAll({ log, scheduler, groupId }: Joining, topic: string): Promise<Held> {
  const count = (await log.endsOf(topic)).length;
  let cancel: Cancel = () => {};
  let consumer: GroupConsumer | null = null;
  // Batches that are delivered are not handled, and no offset is committed for them.
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const close = async (): Promise<void> => {
    release();
    await consumer?.close();
  };
  try {
    return await new Promise<Held>((resolve, reject) => {
      const refuse = (why: string): void =>
        reject(new LogError("OEE_LOG_LAYOUT_REFUSED", `${why}: stop all workers, and try again`));
      cancel = scheduler.after(ASSIGNED_WITHIN_MS, () =>
        refuse(`group ${groupId} did not give ${topic} to this process within ${ASSIGNED_WITHIN_MS / 1000} s`),
      );
      const joined = log.consume({
        groupId,
        topics: [topic],
        onAssigned: async (assigned) => {
          if (assigned.length < count) refuse(`another member of group ${groupId} owns partitions of ${topic}`);
          resolve({
            consumer: joined,
            close,
            committed: new Map(assigned.map(({ partition, committed }) => [partition, committed])),
          });
        },
        onRevoked: async () => {},
        onBatch: () => released,
      });
      consumer = joined;
    });
  } catch (error) {
    await close();
    throw error;
  } finally {
    cancel();
  }
}

interface Move {
  readonly from: number;
  /** The committed offsets of both partitions: earlier events are in the checkpoint, or were handed over before. */
  readonly fromOffset: number;
  readonly toOffset: number;
}

/** The checkpoint for its new partition. One of an unknown format is copied as it is: its machine is computed from stored events. */
function movedTo(value: Buffer, { from, fromOffset, toOffset }: Move): Uint8Array {
  const snapshot = decodeCheckpoint(value);
  if (snapshot === null) return value;
  const taken: FoundPlaces = fromOffset === 0 ? [] : [[from, fromOffset - 1, INDEX_MAX]];
  const others = (snapshot.foundAt ?? []).filter(([partition]) => partition !== from);
  return encodeCheckpoint({ ...snapshot, nextOffset: toOffset, foundAt: [...others, ...taken] });
}

/** Writes tombstones for machines' keys into partitions of a compacted topic that are not theirs any more. */
async function forgetMoved(log: EventLog, topic: string, partitions: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const keys = [...(await log.readKeyed(topic, [partition])).keys()];
    const gone = keys.filter((key) => partitionOf(key, partitions) !== partition);
    if (gone.length === 0) continue;
    await log.append(
      topic,
      gone.map((key) => ({ key, value: null, partition })),
    );
  }
}
