/**
 * The product's partition assigner in kafkajs's terms. A member says two things in its subscription, which Kafka carries as
 * user data: which partitions it had until now, which the group's leader lets it keep as far as partitions stay evenly dealt; and
 * which process it is, so that one that was killed can be told from those that live. Each topic goes to those members that subscribe to it: two plants on one
 * Kafka, with topics of their own, may share a group.
 */
import kafkajs, { type Assigner, type PartitionAssigner } from "kafkajs";
import { parsePartitionKey, partitionKey } from "../group-member.ts";
import { ownIdentity, type ProcessIdentity } from "../process-identity.ts";
import { assignSticky } from "../sticky-assignment.ts";
import type { Cluster } from "./internals.ts";

const NAME = "oee-sticky";
const VERSION = 1;

/** Which process a member is, by its subscription; `null`: of another release, or the broker does not tell it. */
export function processOf(memberMetadata: Buffer): ProcessIdentity | null {
  if (memberMetadata.length === 0) return null;
  const { userData } = kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata) ?? {};
  const told = toldBy(userData).find((each) => isRecord(each) && isRecord(each["process"]));
  return told === undefined ? null : (told as { process: ProcessIdentity }).process;
}

/**
 * `owned` answers the partitions that this member had; `partitionsOf` those of topics to which only others subscribe;
 * `made` gets the assigner and the consumer's cluster.
 */
export function stickyAssigner(
  owned: () => readonly string[],
  partitionsOf: (topics: readonly string[]) => Promise<ReadonlyMap<string, readonly number[]>>,
  made: (assigner: Assigner, cluster: Cluster) => void,
): PartitionAssigner {
  const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
  return ({ cluster }) => {
    const inside = cluster as unknown as Cluster;
    const assigner: Assigner = {
      name: NAME,
      version: VERSION,
      protocol: ({ topics }) => ({
        name: NAME,
        metadata: MemberMetadata.encode({ version: VERSION, topics, userData: userDataOf(owned()) }),
      }),
      assign: async ({ members, topics: ours }) => {
        const subscribed = members.map(({ memberId, memberMetadata }) => {
          const { topics, userData } = MemberMetadata.decode(memberMetadata) ?? { topics: ours, userData: undefined };
          return { memberId, topics, owned: ownedOf(userData) };
        });
        const others = [...new Set(subscribed.flatMap(({ topics }) => topics))].filter(
          (topic) => !ours.includes(topic),
        );
        const theirs = others.length === 0 ? new Map<string, readonly number[]>() : await partitionsOf(others);
        const assigned = new Map<string, string[]>(members.map(({ memberId }) => [memberId, []]));
        for (const topic of [...ours, ...others].toSorted()) {
          const known = ours.includes(topic)
            ? inside.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
            : (theirs.get(topic) ?? []);
          const partitions = known.map((partition) => partitionKey({ topic, partition }));
          const claims = subscribed.filter(({ topics }) => topics.includes(topic));
          for (const [memberId, keys] of assignSticky(partitions.toSorted(), claims)) {
            assigned.get(memberId)?.push(...keys);
          }
        }
        return Array.from(assigned, ([memberId, keys]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: VERSION,
            assignment: byTopic(keys),
            userData: Buffer.alloc(0),
          }),
        }));
      },
    };
    made(assigner, inside);
    return assigner;
  };
}

/** What a member tells of itself: partitions, by their keys, and then its process, which releases before pass over. */
function userDataOf(owned: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([...owned, { process: ownIdentity() }]));
}

function ownedOf(userData: Buffer | undefined): string[] {
  return toldBy(userData).filter((each) => typeof each === "string");
}

function toldBy(userData: Buffer | undefined): readonly unknown[] {
  try {
    const all: unknown = JSON.parse(userData?.toString("utf8") ?? "[]");
    return Array.isArray(all) ? all : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function byTopic(keys: readonly string[]): Record<string, number[]> {
  const assignment: Record<string, number[]> = {};
  for (const key of keys) {
    const { topic, partition } = parsePartitionKey(key);
    (assignment[topic] ??= []).push(partition);
  }
  return assignment;
}
