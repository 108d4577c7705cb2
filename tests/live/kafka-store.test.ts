/**
 * Kafka beside a store that does not fit the committed offsets: one that was emptied, one of an older back-up, and a full one beside
 * new topics, or beside an events topic that was deleted and made anew. Each case is reported, and the figures are restored from what
 * the log or the store still holds.
 */
import { cpSync, rmSync, writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import type { LiveElement } from "@oee/protocol";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SharedBroker, sharedBroker } from "../kafka/broker.ts";
import { SIGNS_IN } from "../support/sign-in.ts";
import { floorMinute, instant } from "./history.ts";
import { getJson, newFolder, oeeOutput, postLines, runOee, serve, type Served, until } from "./oee-process.ts";
import { ONE_MACHINE } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const TO = floorMinute(Date.now()) - 10 * MINUTE_MS;
const FROM = TO - 120 * MINUTE_MS;
const MACHINE = "s/a/l/m";

const folder = newFolder();
const PLANT = folder.path("plant.yaml");
writeFileSync(PLANT, ONE_MACHINE);
let broker: SharedBroker;
const running = new Set<Served>();

beforeAll(async () => {
  broker = await sharedBroker();
});
afterAll(async () => {
  for (const one of running) await one.end("SIGKILL");
  folder.remove();
});

interface Readiness {
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
}

const settingsOf = (data: string, prefix: string): readonly string[] => [
  ...["--plant", PLANT, "--kafka", broker.brokers.join(","), "--topic-prefix", prefix],
  ...["--partitions", "2", "--data", data],
];

async function start(data: string, prefix: string): Promise<Served> {
  const served = await serve(["start", ...settingsOf(data, prefix)]);
  running.add(served);
  return served;
}

async function end(served: Served): Promise<void> {
  await served.end("SIGTERM");
  running.delete(served);
}

/** Sends half hours in which the machine runs and then is down, with 25 pieces each. */
function sendHours({ url }: Served, ...halves: readonly number[]): Promise<unknown> {
  const events = halves.flatMap((half) => {
    const at = FROM + half * 30 * MINUTE_MS;
    const state = half % 2 === 0 ? "running" : "down";
    return [
      { type: "state", machine: MACHINE, at: instant(at), state },
      { type: "count", machine: MACHINE, at: instant(at + 1), good: 25 },
    ];
  });
  return postLines(
    url,
    events.map((event) => JSON.stringify(event)),
  );
}

async function untilStored({ url }: Served, good: number, runTime: number): Promise<void> {
  await until(`${good} pieces and ${runTime} ms of run time to be stored`, async () => {
    const path = `/api/v1/kpis?scope=${MACHINE}&from=${FROM}&to=${TO}`;
    const { body } = await getJson<Element[]>(url, path);
    const { goodCount, runTime: run } = body[0]?.components ?? {};
    return goodCount === good && run === runTime ? true : undefined;
  });
}

/** A process that ends before leaves the rest to the next one. */
async function untilComputedAnew({ stderr }: Served): Promise<void> {
  await until("machines to be computed from stored events", async () => stderr().includes('"recomputed"') || undefined);
}

/** Counts a piece at an instant, in a record of its own. */
function sendPiece({ url }: Served, minute: number): Promise<unknown> {
  const piece = { type: "count", machine: MACHINE, at: instant(FROM + minute * MINUTE_MS), good: 1 };
  return postLines(url, [JSON.stringify(piece)]);
}

/** Deletes the events topic, or all topics of a prefix, and makes that of events anew. */
async function makeAnew(prefix: string, which: "events" | "all"): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...broker.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const events = `${prefix}events`;
  const ours = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  await admin.deleteTopics({ topics: which === "all" ? ours : [events] });
  const isThere = async (): Promise<boolean> => (await admin.listTopics()).includes(events);
  await until("the topic to be gone", async () => ((await isThere()) ? undefined : true));
  await until("the topic to be made anew", async () => {
    // It may be made and its leaders not be known yet.
    await admin.createTopics({ topics: [{ topic: events, numPartitions: 2 }] }).catch(() => undefined);
    return (await isThere()) || undefined;
  });
  await admin.disconnect();
}

async function expectTold({ url, stderr }: Served, code: string, words: RegExp): Promise<void> {
  const { body } = await getJson<Readiness>(url, "/health/ready");
  expect(body.checks.find(({ name }) => name === "worker")?.detail).toMatch(words);
  expect(stderr()).toContain(`"code":"${code}"`);
}

async function expectVerified(data: string, prefix: string): Promise<void> {
  const span = ["--from", instant(FROM), "--to", instant(TO)];
  const verified = await runOee(["verify", ...settingsOf(data, prefix), ...span]).ended;
  expect([verified.code, verified.stdout, verified.stderr]).toEqual([0, "", expect.stringMatching(/, 0 differ$/m)]);
}

test("OEE_DATA_STORE_GONE: a store that was emptied beside Kafka is filled from what the topics hold", async () => {
  const data = folder.path("emptied");
  const first = await start(data, "emptied.");
  await sendHours(first, 0, 1, 2, 3);
  await untilStored(first, 100, 60 * MINUTE_MS);
  await end(first);
  rmSync(`${data}/store`, { recursive: true });

  const again = await start(data, "emptied.");
  await untilStored(again, 100, 60 * MINUTE_MS);
  await expectTold(
    again,
    "OEE_DATA_STORE_GONE",
    /the store has nothing of machines of which rows were stored: all that/,
  );
  await end(again);
  await expectVerified(data, "emptied.");
  // Reported once, since the store now holds what is committed.
  const third = await start(data, "emptied.");
  await untilStored(third, 100, 60 * MINUTE_MS);
  expect(third.stderr()).not.toContain("OEE_DATA_STORE_GONE");
  await end(third);
});

test("OEE_DATA_STORE_GONE: a store of an older back-up beside Kafka gets what it lacks", async () => {
  const data = folder.path("older");
  const first = await start(data, "older.");
  await sendHours(first, 0, 1);
  await untilStored(first, 50, 30 * MINUTE_MS);
  await end(first);
  cpSync(`${data}/store`, folder.path("back-up"), { recursive: true });
  const second = await start(data, "older.");
  await sendHours(second, 2, 3);
  await untilStored(second, 100, 60 * MINUTE_MS);
  await end(second);
  rmSync(`${data}/store`, { recursive: true });
  cpSync(folder.path("back-up"), `${data}/store`, { recursive: true });

  const again = await start(data, "older.");
  await untilStored(again, 100, 60 * MINUTE_MS);
  await expectTold(again, "OEE_DATA_STORE_GONE", /the store lacks rows that were stored, as one from an older back-up/);
  await end(again);
  await expectVerified(data, "older.");
});

test("OEE_DATA_LOG_GONE: new topics beside a full store go on from what is stored, and their rows win", async () => {
  const data = folder.path("new-log");
  const first = await start(data, "old-log.");
  await sendHours(first, 0, 1);
  await untilStored(first, 50, 30 * MINUTE_MS);
  await end(first);

  // The audit was on the old topics: sign-in is refused until its lines are on the new ones.
  if (SIGNS_IN) await oeeOutput(["audit", "restore", ...settingsOf(data, "new-log.").slice(2)]);
  const again = await start(data, "new-log.");
  // By the stored rows the machine is down since half an hour after the beginning.
  await until("the machine's state", async () => {
    const { body } = await getJson<{ elements: LiveElement[] }>(again.url, `/api/v1/live?scope=${MACHINE}`);
    const { state, since } = body.elements[0]?.machine ?? {};
    return state === "down" && since === FROM + 30 * MINUTE_MS ? true : undefined;
  });
  await expectTold(again, "OEE_DATA_LOG_GONE", /the log is new beside a store that has rows of its machines/);
  await sendHours(again, 2, 3);
  await untilStored(again, 100, 60 * MINUTE_MS);
  await untilComputedAnew(again);
  await end(again);
  await expectVerified(data, "new-log.");
});

test("OEE_DATA_LOG_GONE: an events topic that was deleted and made anew is read from its start, beside what is stored", async () => {
  const [data, prefix] = [folder.path("topic-anew"), `topic-anew-${process.pid}.`];
  const first = await start(data, prefix);
  await sendHours(first, 0, 1);
  // The new topic will have fewer records than the offsets of before.
  for (let minute = 1; minute <= 8; minute++) await sendPiece(first, minute);
  await untilStored(first, 58, 30 * MINUTE_MS);
  await end(first);
  await makeAnew(prefix, "events");

  const again = await start(data, prefix);
  expect(again.stderr()).toContain("the events topic was deleted and made anew: it is read from its start");
  await sendHours(again, 2, 3);
  await untilStored(again, 108, 60 * MINUTE_MS);
  await expectTold(again, "OEE_DATA_LOG_GONE", /the log is new beside a store that has rows of its machines/);
  // Late, so that its time is computed again from events of both topics.
  await sendPiece(again, 20);
  await untilStored(again, 109, 60 * MINUTE_MS);
  // What is read again after a crash counts once.
  await again.end("SIGKILL");
  running.delete(again);
  const third = await start(data, prefix);
  expect(third.stderr()).not.toContain("the events topic was deleted");
  await sendPiece(third, 21);
  await untilStored(third, 110, 60 * MINUTE_MS);
  await end(third);
  await expectVerified(data, prefix);

  // All of them, so that no topic says what was before.
  await makeAnew(prefix, "all");
  if (SIGNS_IN) await oeeOutput(["audit", "restore", ...settingsOf(data, prefix).slice(2)]);
  const fourth = await start(data, prefix);
  await sendPiece(fourth, 22);
  await untilStored(fourth, 111, 60 * MINUTE_MS);
  await end(fourth);
  await expectVerified(data, prefix);
});

test("OEE_LOG_TOPIC_REPLACED: nothing is stored or committed of an events topic that is made anew under a worker, which says so", async () => {
  const [data, prefix] = [folder.path("topic-replaced"), `topic-replaced-${process.pid}.`];
  const first = await start(data, prefix);
  await sendHours(first, 0, 1);
  await untilStored(first, 50, 30 * MINUTE_MS);
  await makeAnew(prefix, "events");
  // More records than before, so that some lie at and behind the offset that comes next.
  const minutes = Array.from({ length: 9 }, (_, i) => 60 + i);
  for (const minute of minutes) await sendPiece(first, minute);
  const detail = await until("the worker to say so", async () => {
    const { status, body } = await getJson<Readiness>(first.url, "/health/ready");
    const told = body.checks.find(({ name }) => name === "worker")?.detail ?? "";
    return status === 503 && told.startsWith("OEE_LOG_TOPIC_REPLACED") ? told : undefined;
  });
  expect(detail).toMatch(
    /^OEE_LOG_TOPIC_REPLACED: topic \S+ was deleted and made anew: its id is \S{22}, expected \S{22}; start all/,
  );
  const metrics = await (await fetch(`${first.url}/metrics`)).text();
  expect(metrics).toMatch(/^oee_worker_events_topic_replaced 1$/m);
  await untilStored(first, 50, 30 * MINUTE_MS);
  await first.end("SIGTERM");
  running.delete(first);
  expect(first.stderr()).toContain("OEE_LOG_TOPIC_REPLACED");

  const again = await start(data, prefix);
  await sendHours(again, 2, 3);
  await untilStored(again, 100 + minutes.length, 60 * MINUTE_MS);
  await untilComputedAnew(again);
  await end(again);
  await expectVerified(data, prefix);
});
