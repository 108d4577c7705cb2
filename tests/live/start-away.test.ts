/**
 * Worker and gateway that are started while the broker is away: they run, say what they wait for, begin when the broker is back, and
 * end on a signal. The broker is a real one that is killed and started again.
 */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PLANT } from "./history.ts";
import { getJson, until } from "./oee-process.ts";
import { onOwnKafka } from "./on-kafka.ts";

const kafka = onOwnKafka();

test("P-5: a process waits for a broker that is away at its start, as for one that is lost later", async () => {
  const plant = kafka.folder.path("plant.yaml");
  writeFileSync(plant, PLANT);
  const args = ["--plant", plant, ...kafka.outside("away.")];
  await kafka.broker.crash?.kill();
  const [worker, gateway, third] = await Promise.all([
    kafka.start("worker", ...args),
    kafka.start("gateway", ...args),
    kafka.start("worker", ...args),
  ]);
  for (const { url } of [worker, gateway]) {
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const { status, body } = await getJson<{ checks: { detail: string }[] }>(url, "/health/ready");
    expect(status).toBe(503);
    expect(body.checks[0]?.detail).toContain("OEE_LOG_UNAVAILABLE");
    expect(body).toMatchObject({ ready: false, status: "not-ready" });
  }
  expect((await fetch(`${gateway.url}/api/v1/kpis`)).status).toBe(503);
  // The process ends without waiting for the broker, which is still away.
  expect((await third.end("SIGTERM")).code).toBe(0);

  await kafka.broker.crash?.restart();
  for (const { url } of [worker, gateway]) {
    await until(`${url} ready`, async () =>
      (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200 ? true : undefined,
    );
  }
  for (const one of [gateway, worker]) expect((await one.end("SIGTERM")).code).toBe(0);
});
