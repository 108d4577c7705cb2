/** A broker that is frozen, or killed: processes say so, and end in order all the same when they are told to; no event is lost. */
import { writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import { expect, test } from "vitest";
import { ONE_MACHINE } from "../support/plant.ts";
import { type Accepted, type Answer, getJson, postLines, type Served, until } from "./oee-process.ts";
import { onOwnKafka } from "./on-kafka.ts";

const MINUTE_MS = 60_000;
const FROM = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;
/** A client waits 30 s for the answer of a broker: a process that waited for it could not end within this. */
const END_WITHIN = "25s";

const kafka = onOwnKafka();
const plant = kafka.folder.path("plant.yaml");
writeFileSync(plant, ONE_MACHINE);

function start(command: "gateway" | "worker"): Promise<Served> {
  return kafka.start(command, "--plant", plant, ...kafka.outside("frozen."), "--end-within", END_WITHIN);
}

/** Ten pieces, with ids of their own, so that they count once however often they are sent. */
function sendTen({ url }: Served, round: number): Promise<Answer<Accepted>> {
  const lines = Array.from({ length: 10 }, (_, i) => {
    const at = FROM + (round * 10 + i) * 1_000;
    return JSON.stringify({ type: "count", machine: "s/a/l/m", at, good: 1, id: `${round} ${i}` });
  });
  return postLines(url, lines);
}

async function untilGood({ url }: Served, good: number): Promise<void> {
  await until(`${good} pieces`, async () => {
    const { body } = await getJson<Element[]>(
      url,
      `/api/v1/kpis?scope=s/a/l/m&from=${FROM}&to=${FROM + 30 * MINUTE_MS}`,
    );
    return body[0]?.components.goodCount === good ? true : undefined;
  });
}

test.each(["frozen", "killed"] as const)(
  "worker and gateway end in order while the broker is %s; a request that waits is answered, and counts once when it is sent again",
  async (how) => {
    const { crash } = kafka.broker;
    if (crash === null) throw new Error("expected a broker of this file");
    let [gateway, worker] = await Promise.all([start("gateway"), start("worker")]);
    const round = how === "frozen" ? 0 : 2;
    expect((await sendTen(gateway, round)).status).toBe(202);
    await untilGood(gateway, (round + 1) * 10);

    if (how === "frozen") crash.freeze();
    else await crash.kill();
    const waiting = sendTen(gateway, round + 1);
    // It has come to the gateway once another that was sent after it is answered.
    await getJson(gateway.url, "/health/ready");
    const ended = await Promise.all([gateway.end("SIGTERM"), worker.end("SIGTERM")]);
    expect(ended.map(({ code, signal }) => [code, signal])).toEqual([
      [0, null],
      [0, null],
    ]);
    expect((await waiting).status).toBe(503);

    if (how === "frozen") crash.goOn();
    else await crash.restart();
    [gateway, worker] = await Promise.all([start("gateway"), start("worker")]);
    expect((await sendTen(gateway, round + 1)).status).toBe(202);
    await untilGood(gateway, (round + 2) * 10);
    await Promise.all([gateway.end("SIGTERM"), worker.end("SIGTERM")]);
  },
);

test("while the broker is frozen worker and gateway are not ready, and how much is unread is not known", async () => {
  const { crash } = kafka.broker;
  if (crash === null) throw new Error("expected a broker of this file");
  const [gateway, worker] = await Promise.all([start("gateway"), start("worker")]);
  const readyOf = async ({ url }: Served): Promise<number> => (await getJson(url, "/health/ready")).status;
  const lag = async (): Promise<string> => {
    const text = await (await fetch(`${worker.url}/metrics`)).text();
    return /^oee_worker_lag_records\{.*\} (.*)$/m.exec(text)?.[1] ?? "none";
  };
  await expect.poll(lag).toBe("0");
  await expect.poll(() => Promise.all([readyOf(gateway), readyOf(worker)])).toEqual([200, 200]);
  crash.freeze();
  try {
    await expect.poll(lag).toBe("Nan");
    await expect.poll(() => Promise.all([readyOf(gateway), readyOf(worker)])).toEqual([503, 503]);
  } finally {
    crash.goOn();
  }
  await expect.poll(lag).toBe("0");
  await expect.poll(() => Promise.all([readyOf(gateway), readyOf(worker)])).toEqual([200, 200]);
  await Promise.all([gateway.end("SIGTERM"), worker.end("SIGTERM")]);
});
