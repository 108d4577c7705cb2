/** The feed of a simulated plant that is stopped while it still sends past events. */
import { openMemoryLog, topics } from "@oee/event-log";
import { parsePlant } from "@oee/model";
import pino from "pino";
import { expect, test } from "vitest";
import { startSimulator } from "./simulator-feed.ts";

test("a feed that is stopped before it has caught up never resolves `caughtUp`, so that nothing begins in a process that ends", async () => {
  const line = "{ machines: { m: { idealCycleSeconds: 60 } } }";
  const text = `enterprise: acme\ntimezone: UTC\nsites: { s: { areas: { a: { lines: { l: ${line} } } } } }\n`;
  const result = parsePlant(text, "plant.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const of = topics("oee.", 1);
  const log = openMemoryLog();
  await log.ensureTopics([of.events]);
  const from = Date.parse("2026-11-01T00:00:00Z");
  const options = { seed: "1", from, clock: () => from + 8 * 3_600_000 };
  let caughtUp = false;
  const feed = startSimulator(result.plant, options, log, of, pino({ level: "silent" }));
  void feed.caughtUp.then(() => (caughtUp = true));
  await feed.stop();
  await new Promise(setImmediate);
  expect(caughtUp).toBe(false);
  await log.close();
});
