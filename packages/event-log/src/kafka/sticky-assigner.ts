/**
 * The product's partition assigner in kafkajs's terms. A member says in its subscription what it had until now (Kafka
 * carries it as user data), and the group's leader lets it keep that as far as it stays even.
 */
import kafkajs, { type Assigner, type PartitionAssigner } from "kafkajs";
import { parsePartitionKey, partitionKey } from "../group-member.ts";
import { assignSticky } from "../sticky-assignment.ts";
import type { Cluster } from "./internals.ts";

const NAME = "oee-sticky";
const VERSION = 1;

/** `owned` answers the partitions that this member had; `made` gets the assigner and the consumer's cluster. */
export function stickyAssigner(
  owned: () => readonly string[],
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
        metadata: MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.from(JSON.stringify(owned())) }),
      }),
      assign: async ({ members, topics }) => {
        const claims = members.map(({ memberId, memberMetadata }) => ({
          memberId,
          owned: ownedOf(MemberMetadata.decode(memberMetadata)?.userData),
        }));
        const partitions = topics.flatMap((topic) =>
          inside
            .findTopicPartitionMetadata(topic)
            .map(({ partitionId }) => partitionKey({ topic, partition: partitionId })),
        );
        return Array.from(assignSticky(partitions.toSorted(), claims), ([memberId, keys]) => ({
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

function ownedOf(userData: Buffer | undefined): string[] {
  try {
    const owned: unknown = JSON.parse(userData?.toString("utf8") ?? "[]");
    return Array.isArray(owned) ? owned.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

function byTopic(keys: readonly string[]): Record<string, number[]> {
  const assignment: Record<string, number[]> = {};
  for (const key of keys) {
    const { topic, partition } = parsePartitionKey(key);
    (assignment[topic] ??= []).push(partition);
  }
  return assignment;
}
