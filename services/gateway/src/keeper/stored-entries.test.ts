import { allTopics, openMemoryLog, type RecordBatch, topics } from "@oee/event-log";
import type { UndeclaredDay } from "@oee/store";
import { expect, test } from "vitest";
import { START } from "../../test/gateway-fixture.ts";
import { storeUndeclared } from "./stored-entries.ts";

/** The dead letters of these events, as one batch of the log. */
async function deadLetters(events: readonly (readonly [code: string, event: object])[]): Promise<RecordBatch> {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  await log.ensureTopics(allTopics(of));
  await log.append(
    of.deadLetters.name,
    events.map(([error, event]) => ({
      key: "k",
      value: Buffer.from(JSON.stringify(event)),
      headers: { error: Buffer.from(error) },
    })),
  );
  const batch = await new Promise<RecordBatch>((resolve) => {
    const follower = log.followKeyed({ topic: of.deadLetters.name, onBatch: resolve });
    void follower;
  });
  await log.close();
  return batch;
}

test("SC-1: machines that the plant lacks are counted by the date of their events, other refused events are not", async () => {
  const days: UndeclaredDay[] = [];
  const batch = await deadLetters([
    ["unknown-machine", { machine: "s/a/l/new", at: START + 60_000 }],
    ["unknown-machine", { machine: "s/a/l/new", at: START }],
    ["unknown-machine", { machine: "s/a/l/new", at: START + 86_400_000 }],
    ["future", { machine: "s/a/l/old", at: START }],
    ["unknown-machine", { machine: "s/a/l/new", at: "soon" }],
  ]);
  await storeUndeclared(batch, { insertUndeclared: async (some) => void days.push(...some) });
  expect(days).toEqual([
    { machine: "s/a/l/new", first: START, last: START + 60_000, events: 2 },
    { machine: "s/a/l/new", first: START + 86_400_000, last: START + 86_400_000, events: 1 },
  ]);
});
