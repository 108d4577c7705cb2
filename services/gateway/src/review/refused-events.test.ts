import { allTopics, openMemoryLog, type RecordBatch, topics } from "@oee/event-log";
import { expect, onTestFinished, test } from "vitest";
import { START } from "../../test/gateway-fixture.ts";
import { refusedIn, RefusedEvents } from "./refused-events.ts";

const letter = (error: string, value: string, more: Readonly<Record<string, string>> = {}) => ({
  key: "s/a/l/by-key",
  value: Buffer.from(value),
  headers: Object.fromEntries(Object.entries({ error, ...more }).map(([name, text]) => [name, Buffer.from(text)])),
});

test("DI-2: a dead letter's code, instant and machine, as far as its bytes can be read; other letters are passed over", async () => {
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  onTestFinished(() => log.close());
  await log.ensureTopics(allTopics(of));
  const at = new Date(START).toISOString();
  const letters = [
    letter("unknown-machine", JSON.stringify({ machine: "s/a/l/new", at }), { partition: "3", offset: "9" }),
    letter("malformed", "{"),
    letter("future", JSON.stringify({ at: START })),
    letter("some-other-letter", "{}"),
  ];
  await log.append(of.deadLetters.name, letters);
  const follower = log.followKeyed({
    topic: of.deadLetters.name,
    onBatch: (batch: RecordBatch) => {
      expect(Array.from({ length: batch.length }, (_, i) => refusedIn(batch, i))).toEqual([
        { code: "unknown-machine", at: START, machine: "s/a/l/new" },
        { code: "malformed", at: null, machine: "s/a/l/by-key" },
        { code: "future", at: START, machine: "s/a/l/by-key" },
        null,
      ]);
    },
  });
  const refused = new RefusedEvents(log, of);
  refused.start();
  onTestFinished(async () => {
    await refused.close();
    await follower.close();
  });
  const period = { from: START, to: START + 1 };
  await expect.poll(() => refused.refusals.undeclaredIn(period)).toEqual(["s/a/l/new"]);
  // At a position before its record it had not come yet.
  expect(refused.refusals.before({ 3: 9 }).undeclaredIn(period)).toEqual([]);
  expect(refused.refusals.before({ 3: 10 }).undeclaredIn(period)).toEqual(["s/a/l/new"]);
});
