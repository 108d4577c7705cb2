/**
 * Crashes of real processes: two `oee worker` on a real Kafka and one ClickHouse over HTTP, while events, late ones, corrections
 * and repeats come all the time. Workers are killed at random moments, some while they recompute, some while they take partitions
 * over; one is stopped for longer than its session and then goes on (a zombie); the broker is killed and started again; the store
 * refuses, loses the connection after the work is done, or is killed. In the end `GET /kpis` and `GET /stops` are those of
 * `oee replay` of the same events, and `oee verify` finds no difference.
 *
 * `OEE_KILLS` sets the number of these troubles, `OEE_CRASH_SEED` their random choice.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { openKafkaLog } from "@oee/event-log/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOwnBroker, type TestBroker } from "../kafka/broker.ts";
import { getJson, newFolder, runOee, serve, type Served, until } from "./oee-process.ts";
import { type Line, randomOf, roughHistory, roughPlantFile } from "./rough-history.ts";
import { startStoreProcess, type StoreProcess } from "./store-process.ts";
import { expectSameKpis, expectSameStops, untilInEffect } from "./same-numbers.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const KILLS = Number(process.env["OEE_KILLS"] ?? 3);
const SEED = Number(process.env["OEE_CRASH_SEED"] ?? 1);
const SESSION_MS = 2_500;
/** How long a busy machine may take to start processes, end sessions, and recompute what was lost. */
const PATIENCE_MS = 240_000;

const folder = newFolder();
const served = new Set<Served>();
let broker: TestBroker | null = null;
let front: StoreProcess | null = null;

beforeAll(async () => {
  [broker, front] = await Promise.all([startOwnBroker(), startStoreProcess(folder.path("clickhouse"))]);
});

afterAll(async () => {
  for (const one of served) await one.end("SIGKILL");
  await front?.kill();
  await broker?.stop();
  folder.remove();
});

interface WorkerStatus {
  readonly ready: boolean;
  readonly partitions: number;
  readonly lag: number;
  readonly recomputing: number;
}

/** The status of a worker; `null` where it does not answer, since it is stopped, starting or gone. */
async function statusOf({ url }: Served): Promise<WorkerStatus | null> {
  return getJson<WorkerStatus>(url, "/health/ready").then(
    ({ body }) => body,
    () => null,
  );
}

type Trouble = "kill" | "kill-recomputing" | "kill-taking-over" | "zombie" | "broker" | "store" | "store-killed";

/** The troubles in random order, most of them kills of workers. */
function troublesOf(random: () => number): Trouble[] {
  const worker: readonly Trouble[] = ["kill", "kill-recomputing", "kill-taking-over"];
  const troubles = Array.from({ length: KILLS }, () => worker[Math.floor(random() * worker.length)] as Trouble);
  const others: readonly Trouble[] = ["zombie", "broker", "store", "store-killed"];
  others.forEach((trouble) => {
    for (let i = 0; i < Math.max(1, KILLS / 12); i++) {
      troubles.splice(Math.floor(random() * (troubles.length + 1)), 0, trouble);
    }
  });
  return troubles;
}

/** The newest instant: an event of each machine there ends its stop and its part of production (ST-2, TL-9), so that earlier figures do not change as time passes. */
const END = Math.floor((Date.now() - 10 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
const START = END - 9 * HOUR_MS;

test(`DI-1: two workers on Kafka, killed at any moment, and the numbers are those of a replay (OEE_CRASH_SEED=${SEED})`, {
  timeout: 600_000 + KILLS * 60_000,
}, async () => {
  if (broker?.crash == null || front === null) throw new Error("no broker to kill, no store");
  const { crash, brokers } = broker;
  const store = front;
  const random = randomOf(SEED);
  const file = roughPlantFile("m-");
  const files = { plant: folder.path("plant.yaml"), events: folder.path("events.ndjson") };
  writeFileSync(files.plant, file);
  const plant = plantFrom(file);

  const lines = roughHistory(plant, random, { start: START, end: END });
  const ending = plant.machines.map(({ id: machine }): Line => {
    const fields = machine.endsWith("pulse")
      ? { type: "count", good: 1, id: "end" }
      : { type: "state", state: machine.endsWith("produced") ? "setup" : "running" };
    return { machine, arrives: END, fields: { ...fields, at: END } };
  });
  const texts = [...lines, ...ending].map(({ machine, fields }) => ({
    machine,
    text: JSON.stringify({ machine, ...fields }),
  }));
  writeFileSync(files.events, texts.map(({ text }) => `${text}\n`).join(""));

  const prefix = `kills-${process.pid}.`;
  const outside = ["--kafka", brokers.join(","), "--clickhouse", store.url, "--topic-prefix", prefix];
  const common = ["--plant", files.plant, ...outside, "--partitions", "4"];
  const intake = ["--allowed-lateness", "20m", "--kafka-session-timeout", `${SESSION_MS}ms`];
  const start = async (): Promise<Served> => {
    const one = await serve(["worker", ...common, ...intake, "--checkpoint-every", random() < 0.5 ? "300ms" : "5s"]);
    served.add(one);
    return one;
  };
  const workers: Served[] = await Promise.all([start(), start()]);
  const log = openKafkaLog({ client: { clientId: "sender", brokers: [...brokers] }, appendTimeoutMs: PATIENCE_MS });
  let sent = 0;
  const send = async (share: number): Promise<void> => {
    const some = texts.slice(sent, Math.ceil(share * texts.length));
    sent += some.length;
    await log.append(
      `${prefix}events`,
      some.map(({ machine, text }) => ({ key: machine, value: Buffer.from(text) })),
    );
  };
  const kill = async (which: number): Promise<void> => {
    const [gone] = workers.splice(which, 1);
    await gone?.end("SIGKILL");
    workers.push(await start());
  };
  const make: Readonly<Record<Trouble, (which: number) => Promise<void>>> = {
    kill: async (which) => {
      await wait(random() * 1_500);
      await kill(which);
    },
    "kill-recomputing": async (which) => {
      const giveUpAt = Date.now() + 4_000;
      for (;;) {
        const statuses = await Promise.all(workers.map(statusOf));
        const busy = statuses.findIndex((status) => (status?.recomputing ?? 0) > 0);
        if (busy >= 0) return kill(busy);
        if (Date.now() > giveUpAt) return kill(which);
        await wait(10);
      }
    },
    "kill-taking-over": async (which) => {
      // One worker ends in order, and the one that takes its partitions over is killed meanwhile.
      const [leaving] = workers.splice(which, 1);
      const left = leaving?.end("SIGTERM");
      await wait(random() * 1_500);
      await kill(0);
      await left;
      workers.push(await start());
    },
    zombie: async (which) => {
      const zombie = workers[which];
      zombie?.signal("SIGSTOP");
      await wait(SESSION_MS * (1.2 + random()));
      zombie?.signal("SIGCONT");
    },
    broker: async () => {
      await crash.kill();
      await wait(random() * 3_000);
      await crash.restart();
    },
    store: async () => {
      store.fail("cut-after", "500", "cut-within");
      await wait(random() * 1_000);
      store.away(true);
      await wait(random() * 2_000);
      store.away(false);
    },
    "store-killed": async () => {
      await wait(random() * 1_500);
      await store.kill();
      await wait(random() * 2_000);
      await store.restart();
    },
  };

  const troubles = troublesOf(random);
  let done = 0;
  for (const trouble of troubles) {
    // Some troubles happen while events are being sent, some afterwards.
    const sending = send((done + 0.5) / troubles.length);
    if (random() < 0.5) await sending;
    await make[trouble](Math.floor(random() * 2));
    await sending;
    done++;
    await send(done / troubles.length);
  }
  await log.close();

  await until(
    "4 partitions of two workers, with nothing left to do",
    async () => {
      const statuses = await Promise.all(workers.map(statusOf));
      const owned = statuses.reduce((sum, status) => sum + (status?.partitions ?? 0), 0);
      const idle = statuses.every((status) => status?.ready && status.lag === 0 && status.recomputing === 0);
      return owned === 4 && idle ? true : undefined;
    },
    PATIENCE_MS,
  );
  const gateway = await serve(["gateway", ...common]);
  served.add(gateway);
  const period = { from: START - HOUR_MS, to: END };
  await untilInEffect(gateway.url, files, period).catch(async (error: unknown) => {
    // Shows whether events are missing, or rows do not follow from the events.
    const verified = await runOee(["verify", ...common]).ended;
    const exported = await runOee(["export", "--table", "events", "--format", "json", ...outside]).ended;
    const stored = new Set(
      exported.stdout.split("\n").flatMap((line) => {
        const raw = /"raw":"(.*)"/.exec(line)?.[1];
        return raw === undefined ? [] : [JSON.parse(`"${raw}"`) as string];
      }),
    );
    const missing = texts.filter(({ text }) => !stored.has(text));
    const told = {
      troubles: troubles.join(),
      missing: missing.slice(0, 20).map(({ text }) => text),
      missingInAll: missing.length,
      verified: [verified.code, verified.stderr.slice(0, 2_000), verified.stdout.slice(0, 6_000)],
    };
    throw new Error(`${String(error)}\n${JSON.stringify(told, null, 1)}`, { cause: error });
  });
  await expectSameStops(gateway.url, files, period);
  await expectSameKpis(gateway.url, files, period);
  const { stdout, stderr, code } = await runOee(["verify", ...common]).ended;
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "" });
  expect(stderr).toMatch(/^compared \d+ rows, 0 differ$/m);
});
