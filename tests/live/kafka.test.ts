/**
 * The same numbers everywhere with separate processes: a random history is sent through a gateway to a real Kafka, with two workers,
 * of which one is killed, ClickHouse over HTTP, and refused events mended and sent again. Then `GET /kpis`, `GET /stops`, `GET /live`
 * and `oee replay` agree to the last digit.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { openKafkaLog } from "@oee/event-log/kafka";
import type { LiveElement, LiveMessage } from "@oee/protocol";
import { expect, test } from "vitest";
import { liveSocket } from "../../services/gateway/test/live-socket.ts";
import { historyUntil, instant, PLANT } from "./history.ts";
import { getJson, oeeOutput, postHistory, runOee, type Served, until } from "./oee-process.ts";
import { onKafka } from "./on-kafka.ts";
import { expectSameKpis, expectSameLive, expectSameStops, expectSameUntilNow, untilInEffect } from "./same-numbers.ts";

const FILLER = "berlin/packing/l1/filler";

const kafka = onKafka();
const { folder } = kafka;

interface WorkerStatus {
  readonly ready: boolean;
  readonly partitions: number;
}

test("P-5: two workers and a gateway on Kafka and ClickHouse, a worker killed, dead letters mended", async () => {
  const history = historyUntil(Date.now());
  const { from, to } = history;
  const period = { from, to };
  const files = { plant: folder.path("plant.yaml"), events: folder.path("events.ndjson") };
  writeFileSync(files.plant, PLANT);
  const prefix = `live-${process.pid}.`;
  const outside = [...kafka.outside(prefix), "--partitions", "4"];
  const common = ["--plant", files.plant, ...outside];
  const start = (part: "worker" | "gateway"): Promise<Served> => kafka.start(part, ...common);
  const statusOf = async ({ url }: Served): Promise<WorkerStatus> =>
    (await getJson<WorkerStatus>(url, "/health/ready")).body;
  const allOwnedBy = (...workers: readonly Served[]): Promise<true> =>
    until(`4 partitions with ${workers.length} workers`, async () => {
      const counts = (await Promise.all(workers.map(statusOf))).map(({ partitions }) => partitions);
      const sum = counts.reduce((total, count) => total + count, 0);
      return sum === 4 && counts.every((count) => count > 0) ? true : undefined;
    });

  // All processes start at once, as in a deployment: the first one makes topics and tables.
  const [gateway, first, second] = await Promise.all([start("gateway"), start("worker"), start("worker")]);
  await allOwnedBy(first, second);

  const live = new Map<string, LiveElement>();
  const socket = liveSocket(gateway.url);
  const take = ({ elements }: LiveMessage): void => {
    for (const element of elements) live.set(element.scope, element);
  };
  socket.on("snapshot", take).on("update", take);
  socket.emit("subscribe", { scopes: history.machines, windows: ["8h"] });

  // A producer that appends to Kafka itself makes a mistake.
  const mended = { type: "count", machine: FILLER, at: instant(to - 90_000), good: 7 };
  const log = openKafkaLog({ client: { clientId: "sender", brokers: [...kafka.broker.brokers] } });
  await log.append(`${prefix}events`, [{ key: FILLER, value: Buffer.from(JSON.stringify({ ...mended, good: "7" })) }]);
  await log.close();

  const texts = history.lines.map(({ text }) => text);
  writeFileSync(files.events, texts.map((text) => `${text}\n`).join(""));
  const send = async (share: number, before: number): Promise<void> => {
    const lines = texts.slice(Math.floor(before * texts.length), Math.floor(share * texts.length));
    expect((await postHistory(gateway.url, lines)).status).toBe(202);
  };
  await send(0.35, 0);
  await first.end("SIGKILL");
  await send(0.6, 0.35);
  const third = await start("worker");
  await allOwnedBy(second, third);
  await send(1, 0.6);

  await untilInEffect(gateway.url, files, period);

  const listed = await oeeOutput(["dead-letters", ...outside]);
  const letters = listed
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { error: string; topic: string; key: string; event: object });
  expect(letters.length, "once, or again after the kill").toBeGreaterThan(0);
  for (const letter of letters) {
    expect(letter).toMatchObject({ error: "invalid", topic: `${prefix}events`, key: FILLER, event: { good: "7" } });
  }
  writeFileSync(folder.path("mended.ndjson"), JSON.stringify({ ...letters[0]?.event, good: 7 }));
  await oeeOutput(["import", folder.path("mended.ndjson"), ...common]);
  appendFileSync(files.events, `${JSON.stringify(mended)}\n`);

  await untilInEffect(gateway.url, files, period);
  await expectSameKpis(gateway.url, files, period);
  await expectSameUntilNow(gateway.url, files, from);
  await expectSameStops(gateway.url, files, period);
  await expectSameLive(gateway.url, files, FILLER);
  await expect.poll(() => [...live.keys()].sort()).toEqual([...history.machines].sort());
  for (const machine of history.machines) {
    await expect
      .poll(() => live.get(machine)?.machine, { message: machine })
      .toMatchObject({ state: "running", category: "production" });
  }
  socket.disconnect();

  for (const one of [gateway, second, third]) {
    const { code, stderr } = await one.end("SIGTERM");
    expect(code, stderr).toBe(0);
  }
  const verified = await runOee(["verify", ...common]).ended;
  expect(verified, verified.stdout).toMatchObject({ code: 0, stdout: "" });
  expect(verified.stderr).toMatch(/^\d+ dead letters of this span \(\d+ invalid\): they are in no number/m);
});
