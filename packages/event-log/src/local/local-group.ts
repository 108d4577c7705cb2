/**
 * A consumer group among the members of one process. Joining and leaving take the partitions of all members away and
 * deal them out anew, one rebalance after the other, as Kafka's classic protocol does; a member keeps what it can.
 */
import { LogError } from "../error.ts";
import { type GroupMember, parsePartitionKey, partitionKey } from "../group-member.ts";
import type { AssignedPartition, CommittedOffset, TopicPartition } from "../port.ts";
import { assignSticky } from "../sticky-assignment.ts";
import type { Storage } from "./storage.ts";

/** Kafka's default (`offset.metadata.max.bytes`). */
const METADATA_BYTES_MAX = 4096;

export class LocalGroup {
  rebalances: number = 0;
  readonly #groupId: string;
  readonly #storage: Storage;
  readonly #partitionsOf: (topic: string) => number;
  readonly #committed = new Map<string, { offset: number; metadata: string }>();
  /** Members in order of joining, and what each had when it was last dealt out. */
  readonly #members = new Map<GroupMember, readonly string[]>();
  #rebalancing: Promise<void> = Promise.resolve();

  constructor(groupId: string, storage: Storage, partitionsOf: (topic: string) => number) {
    this.#groupId = groupId;
    this.#storage = storage;
    this.#partitionsOf = partitionsOf;
    const prefix = this.#textName("");
    for (const [name, text] of storage.texts(prefix)) {
      this.#committed.set(name.slice(prefix.length), JSON.parse(text) as { offset: number; metadata: string });
    }
  }

  join(member: GroupMember): Promise<void> {
    this.#members.set(member, []);
    return this.#rebalance();
  }

  async leave(member: GroupMember): Promise<void> {
    await member.revoke(member.partitions);
    if (this.#members.delete(member)) await this.#rebalance(member);
  }

  async commit(member: GroupMember, offsets: readonly CommittedOffset[]): Promise<void> {
    member.checkOwned(offsets);
    const entries = offsets.map((of) => {
      const metadata = of.metadata ?? "";
      if (Buffer.byteLength(metadata) > METADATA_BYTES_MAX) {
        throw new LogError(
          "OEE_LOG_COMMIT_FAILED",
          `metadata of ${Buffer.byteLength(metadata)} bytes, expected at most ${METADATA_BYTES_MAX}`,
        );
      }
      return { key: partitionKey(of), value: { offset: of.offset, metadata } };
    });
    await this.#storage.write(
      entries.map(({ key, value }) => ({ kind: "putText", name: this.#textName(key), text: JSON.stringify(value) })),
    );
    for (const { key, value } of entries) this.#committed.set(key, value);
  }

  /** What a group has committed of a partition, or `null`. */
  committed(of: TopicPartition): { readonly offset: number; readonly metadata: string } | null {
    return this.#committed.get(partitionKey(of)) ?? null;
  }

  /** Commits while no member has the partitions: where the next one begins. */
  async place(offsets: readonly Required<CommittedOffset>[]): Promise<void> {
    if (this.#members.size > 0) throw new LogError("OEE_LOG_COMMIT_FAILED", `${this.#groupId} has members`);
    const entries = offsets.map((of) => ({
      key: partitionKey(of),
      value: { offset: of.offset, metadata: of.metadata },
    }));
    await this.#storage.write(
      entries.map(({ key, value }) => ({ kind: "putText", name: this.#textName(key), text: JSON.stringify(value) })),
    );
    for (const { key, value } of entries) this.#committed.set(key, value);
  }

  /** `leaver` has gone already, but may still be giving back what an assignment under way gave it. */
  #rebalance(leaver?: GroupMember): Promise<void> {
    const rebalanced = this.#rebalancing.then(async () => {
      const members = [...this.#members.keys()];
      await Promise.all([...members, ...(leaver === undefined ? [] : [leaver])].map((m) => m.revoke(m.partitions)));
      this.rebalances += 1;
      const dealt = this.#deal();
      for (const [member, keys] of dealt) {
        this.#members.set(member, keys);
        // not waited for: the next rebalance cuts it short
        void member.assign(keys.map((key) => this.#assigned(key)));
      }
    });
    this.#rebalancing = rebalanced.catch(() => {});
    return rebalanced;
  }

  #deal(): Map<GroupMember, readonly string[]> {
    const members = [...this.#members];
    const topics = new Set(members.flatMap(([member]) => member.options.topics));
    const dealt = new Map<GroupMember, string[]>(members.map(([member]) => [member, []]));
    for (const topic of topics) {
      const partitions = Array.from({ length: this.#partitionsOf(topic) }, (_, partition) =>
        partitionKey({ topic, partition }),
      );
      const interested = members.filter(([member]) => member.options.topics.includes(topic));
      const claims = interested.map(([, owned], index) => ({ memberId: String(index).padStart(6, "0"), owned }));
      for (const [memberId, keys] of assignSticky(partitions, claims)) {
        const member = interested[Number(memberId)]?.[0];
        if (member !== undefined) dealt.get(member)?.push(...keys);
      }
    }
    return dealt;
  }

  #assigned(key: string): AssignedPartition {
    return { ...parsePartitionKey(key), committed: this.#committed.get(key) ?? null };
  }

  #textName(key: string): string {
    return `offset/${encodeURIComponent(this.#groupId)}/${key}`;
  }
}
