/**
 * Deals the machines over more partitions, while no worker runs: the topics get them, checkpoints move to the partition
 * where their machine is from now on, and every partition's epoch is raised above all that were, for rows of a machine
 * that moved must win over those that another partition's owner wrote. Whatever cuts it off, it can be done again: until
 * the last step machines are where they were, and events of new partitions are handed over.
 *
 * Only multiples of the number before: then a machine stays where it is or goes to a partition with a greater number, to
 * which it never was, so that stored events keep their order (by partition, then offset).
 */
import { type EventLog, type GroupConsumer, LogError, partitionOf, type Topics } from "@oee/event-log";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { metadataOf, ownershipOf } from "./epoch.ts";
import type { FoundPlaces } from "./hand-over.ts";
import { dealOver, dealtOver } from "./layout.ts";

export interface DealingAnew {
  readonly log: EventLog;
  readonly topics: Topics;
  readonly groupId: string;
  readonly partitions: number;
  /** Gives a topic as many partitions, where it has less. */
  readonly grow: (topic: string, partitions: number) => Promise<void>;
}

export interface Dealt {
  readonly before: number;
  readonly machinesMoved: number;
}

/** Beyond any place in a record. */
const INDEX_MAX = 9_999_999;
const ASSIGNED_WITHIN_MS = 30_000;

interface Held {
  readonly consumer: Pick<GroupConsumer, "commit">;
  close(): Promise<void>;
  readonly committed: ReadonlyMap<number, { readonly offset: number; readonly metadata: string } | null>;
}

/** Throws `LogError`: the number does not fit, workers run, or did not end in order; nothing is changed then. */
export async function dealAnew({ log, topics, groupId, partitions, grow }: DealingAnew): Promise<Dealt> {
  const before = await dealtOver(log, topics);
  if (partitions < before || partitions % before !== 0) {
    const found = `machines are dealt over ${before} partitions; found ${partitions}`;
    throw new LogError("OEE_LOG_LAYOUT_REFUSED", `${found}, expected a multiple, such as ${2 * before}`);
  }
  const events = topics.events.name;
  const had = await holdAll(log, events, groupId);
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
  const { consumer, committed, close } = await holdAll(log, events, groupId);
  try {
    const owners = [...committed.values()].map((of) => ownershipOf(of?.metadata));
    const epoch = Math.max(0, ...owners.map((owner) => owner.epoch));
    // All ended in order, so nothing was lost with them; checkpoints that moved are of any epoch.
    const metadata = metadataOf({ epoch, clean: true, soundTo: 0n, lost: [], checkpoints: 0 });
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

/** Is the group's only member, so that no worker begins meanwhile without being noticed. */
async function holdAll(log: EventLog, topic: string, groupId: string): Promise<Held> {
  const count = (await log.endsOf(topic)).length;
  let timer: NodeJS.Timeout | undefined;
  let consumer: GroupConsumer | null = null;
  // What is read is not handled here, and nothing is committed for it.
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
      timer = setTimeout(
        () => refuse(`group ${groupId} did not give ${topic} to this process within ${ASSIGNED_WITHIN_MS / 1000} s`),
        ASSIGNED_WITHIN_MS,
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
    clearTimeout(timer);
  }
}

interface Move {
  readonly from: number;
  /** Up to where the events of both partitions are in the checkpoint, or were handed over before. */
  readonly fromOffset: number;
  readonly toOffset: number;
}

/** The checkpoint for its new partition; one that is not understood as it is: the machine is computed from stored events. */
function movedTo(value: Buffer, { from, fromOffset, toOffset }: Move): Uint8Array {
  const snapshot = decodeCheckpoint(value);
  if (snapshot === null) return value;
  const taken: FoundPlaces = fromOffset === 0 ? [] : [[from, fromOffset - 1, INDEX_MAX]];
  const others = (snapshot.foundAt ?? []).filter(([partition]) => partition !== from);
  return encodeCheckpoint({ ...snapshot, nextOffset: toOffset, foundAt: [...others, ...taken] });
}

/** Removes the newest records of keys from partitions where no worker writes them any more. */
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
