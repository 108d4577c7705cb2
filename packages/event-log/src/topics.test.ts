import { expect, test } from "vitest";
import { allTopics, topics } from "./topics.ts";

test("topics have the contract's names after the prefix; those keyed by machine have the same number of partitions", () => {
  const all = topics("plant7.", 12);
  expect(allTopics(all).map(({ name, cleanup, partitions }) => [name, cleanup, partitions])).toEqual([
    ["plant7.events", "delete", 12],
    ["plant7.dead-letters", "delete", 1],
    ["plant7.live", "compact", 12],
    ["plant7.shown", "compact", 1],
    ["plant7.checkpoints", "compact", 12],
    ["plant7.layout", "compact", 1],
    ["plant7.entries", "delete", 1],
    ["plant7.access", "compact", 1],
    ["plant7.audit", "delete", 1],
    ["plant7.messages", "delete", 1],
  ]);
  expect(topics().events.name).toBe("oee.events");
});
