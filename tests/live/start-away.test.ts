/**
 * Worker and gateway that are started while the broker is away: they run, say what they wait for, begin when the broker is back, and
 * end on a signal. The broker is a real one that is killed and started again.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type HttpFront, startHttpFront } from "../../packages/store/test/http-front.ts";
import { startOwnBroker, type TestBroker } from "../kafka/broker.ts";
import { PLANT } from "./history.ts";
import { getJson, newFolder, serve, until } from "./oee-process.ts";

const folder = newFolder();
let broker: TestBroker;
let front: HttpFront;

beforeAll(async () => {
  [broker, front] = await Promise.all([startOwnBroker(), startHttpFront(folder.path("clickhouse"))]);
});

afterAll(async () => {
  await front?.close();
  await broker?.stop();
  folder.remove();
});

test("P-5: a process waits for a broker that is away at its start, as for one that is lost later", async () => {
  writeFileSync(folder.path("plant.yaml"), PLANT);
  const args = ["--plant", folder.path("plant.yaml"), "--kafka", broker.brokers.join(), "--clickhouse", front.url];
  await broker.crash?.kill();
  const [worker, gateway, third] = await Promise.all([
    serve(["worker", ...args]),
    serve(["gateway", ...args]),
    serve(["worker", ...args]),
  ]);
  onTestFinished(async () => {
    for (const one of [worker, gateway, third]) await one.end("SIGKILL");
  });
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

  await broker.crash?.restart();
  for (const { url } of [worker, gateway]) {
    await until(`${url} ready`, async () =>
      (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200 ? true : undefined,
    );
  }
  for (const one of [gateway, worker]) expect((await one.end("SIGTERM")).code).toBe(0);
});
