/**
 * Kafka beside a store that does not fit the committed offsets: one that was emptied, one of an older back-up, and a full one beside
 * new topics. Each case is reported, and the figures are restored from what the log or the store still holds.
 */
import { cpSync, rmSync, writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import type { LiveElement } from "@oee/protocol";
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
  await end(again);
  await expectVerified(data, "new-log.");
});
