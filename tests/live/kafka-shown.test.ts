/**
 * What screens show, over a real Kafka and processes of their own: workers know the machines on the screens of all gateways, also
 * after a restart, and no longer when a gateway has ended; and an event comes to each screen, also to one whose gateway may not tell.
 */
import { writeFileSync } from "node:fs";
import type { LiveMessage } from "@oee/protocol";
import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { liveSocket } from "../../services/gateway/test/live-socket.ts";
import { postLines, type Served, until } from "./oee-process.ts";
import { onKafka } from "./on-kafka.ts";

const kafka = onKafka();

const MACHINES = ["s/a/l/m", "s/a/l/n", "s/a/l/o"] as const;

/** A screen of some machines; `newest` is the instant of the newest event that it was told of. */
function openScreen(
  { url }: Served,
  ...scopes: readonly string[]
): { readonly newest: Map<string, number>; close(): void } {
  const newest = new Map<string, number>();
  const socket = liveSocket(url);
  const take = ({ elements }: LiveMessage): void => {
    for (const { scope, machine } of elements) newest.set(scope, machine?.lastEventAt ?? 0);
  };
  socket
    .on("snapshot", take)
    .on("update", take)
    .emit("subscribe", { scopes, windows: ["1h"] });
  return { newest, close: () => void socket.disconnect() };
}

function known(worker: Served, count: number): Promise<true> {
  return until(`${count} machines that the worker knows to be shown`, async () => {
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    return new RegExp(`^oee_worker_machines_shown ${count}$`, "m").test(metrics) ? true : undefined;
  });
}

/** What readiness says; `null`: ready. */
async function notReady({ url }: Served): Promise<string | null> {
  const response = await fetch(`${url}/health/ready`);
  const text = await response.text();
  return response.status === 200 ? null : text;
}

test("workers know what the screens of all gateways show while these run, and all screens get events", async () => {
  const plant = kafka.folder.path("plant.yaml");
  const names = MACHINES.map((id) => `${id.slice(-1)}: { idealCycleSeconds: 1 }`);
  writeFileSync(
    plant,
    `enterprise: e\nwindows: [1h]\nsites: { s: { areas: { a: { lines: { l: { machines: { ${names.join(", ")} } } } } } } }\n`,
  );
  const common = ["--plant", plant, ...kafka.outside(`shown-${process.pid}.`), "--partitions", "2"];
  const [m, n, o] = MACHINES;
  const [first, second, worker] = await Promise.all([
    kafka.start("gateway", ...common),
    kafka.start("gateway", ...common),
    kafka.start("worker", ...common),
  ]);
  await known(worker, 0);
  const silent = await kafka.start("gateway", ...common, "--read-only");
  const screens = [openScreen(first, m), openScreen(second, m, n), openScreen(silent, o)];
  await known(worker, 2);
  const at = Date.now();
  const events = MACHINES.map((machine) => JSON.stringify({ type: "state", machine, at, state: "running" }));
  expect((await postLines(first.url, events)).status).toBe(202);
  const told = (): readonly unknown[] => screens.map(({ newest }) => Object.fromEntries(newest));
  await expect.poll(told).toEqual([{ [m]: at }, { [m]: at, [n]: at }, { [o]: at }]);
  // A screen that opens later has it at once, and so does one that shows other machines now.
  const late = openScreen(second, o);
  await expect.poll(() => late.newest.get(o)).toBe(at);
  await known(worker, 3);
  expect((await worker.end("SIGTERM")).code).toBe(0);
  const again = await kafka.start("worker", ...common);
  await known(again, 3);
  late.close();
  await known(again, 2);
  // The worker was started anew: it takes its partitions over, and tells of all machines.
  for (const served of [first, second, again]) await expect.poll(() => notReady(served)).toBeNull();
  // Somebody deletes the topic: all goes on, and gateways make it anew and tell again.
  const admin = new kafkajs.Kafka({ brokers: kafka.broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [`shown-${process.pid}.shown`] });
  await admin.disconnect();
  const unread = async (): Promise<string> => (await fetch(`${again.url}/metrics`)).text();
  await expect.poll(unread).toMatch(/^oee_log_topics_unread 1$/m);
  for (const served of [first, second, again]) expect(await notReady(served)).toBeNull();
  const ready = await (await fetch(`${again.url}/health/ready`)).text();
  expect(ready).toContain(`topic shown-${process.pid}.shown is not read`);
  const more = openScreen(second, o);
  await known(again, 3);
  await expect.poll(unread).toMatch(/^oee_log_topics_unread 0$/m);
  more.close();
  await known(again, 2);
  expect((await second.end("SIGTERM")).code).toBe(0);
  await known(again, 1);
  for (const screen of screens) screen.close();
  await known(again, 0);
});
