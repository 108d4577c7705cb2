import { expect, test } from "vitest";
import { LocalTopic } from "./local-topic.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { PartitionLog } from "./partition-log.ts";
import type { Change } from "./storage.ts";

test.each([
  ["compact", 5_000, 100, 200],
  ["compact", 300, 20_000, 26],
  ["delete", 5_000, 100, 5_000],
  ["delete", 25_000, 10, 10_000],
] as const)(
  "with cleanup %s, %i records of %i bytes are written %i at a time at most",
  async (cleanup, records, bytes, atOnce) => {
    const storage = new MemoryStorage();
    const state = { startOffset: 0, endOffset: 0, bytes: 0 };
    const spec = {
      name: "t",
      partitions: 1,
      cleanup,
      retentionMs: null,
      retentionBytes: null,
      recordBytesMax: 1_000_000,
    };
    const ends = [0];
    const write = async (changes: readonly Change[]): Promise<void> => {
      await storage.write(changes);
      const { text } = changes.at(-1) as Extract<Change, { kind: "putText" }>;
      ends.push((JSON.parse(text) as typeof state).endOffset);
    };
    const topic = new LocalTopic(spec, [new PartitionLog("t", 0, 0, state, storage)], write, () => 0);
    await topic.queue.append(Array.from({ length: records }, (_, i) => ({ key: `k${i}`, value: Buffer.alloc(bytes) })));
    const sizes = ends.slice(1).map((end, i) => end - (ends[i] ?? 0));
    expect(Math.max(...sizes)).toBe(atOnce);
    expect(ends.at(-1)).toBe(records);
  },
);
