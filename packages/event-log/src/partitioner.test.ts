import fc from "fast-check";
import kafkajs, { type PartitionMetadata } from "kafkajs";
import { describe, expect, test } from "vitest";
import { murmur2, partitionOf } from "./partitioner.ts";

describe("partitioner", () => {
  test("murmur2 gives the values of Kafka's own test (org.apache.kafka.common.utils.UtilsTest)", () => {
    const known: [string, number][] = [
      ["21", -973932308],
      ["foobar", -790332482],
      ["a-little-bit-long-string", -985981536],
      ["a-little-bit-longer-string", -1486304829],
      ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
      ["abc", 479470107],
    ];
    for (const [text, hash] of known) expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  test("property: the partition is that of kafkajs's default partitioner, for any key and number of partitions", () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), fc.integer({ min: 1, max: 300 }), (key, count) => {
        const partitionMetadata = Array.from(
          { length: count },
          (_, partitionId): PartitionMetadata => ({
            partitionErrorCode: 0,
            partitionId,
            leader: 1,
            replicas: [],
            isr: [],
          }),
        );
        const theirs = choose({ topic: "t", partitionMetadata, message: { key, value: null } });
        expect(partitionOf(key, count)).toBe(theirs);
        expect(partitionOf(Buffer.from(key), count)).toBe(theirs);
      }),
    );
  });
});
