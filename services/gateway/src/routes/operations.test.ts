/** Operations: readiness and security headers. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  FILLER,
  liveRecord,
  openTestStore,
  startGateway,
  type TestGateway,
  PRESS,
} from "../../test/gateway-fixture.ts";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
let workerIsWell = true;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const readiness = () => [
    { name: "worker", ok: workerIsWell, detail: workerIsWell ? "well" : "its partition is stuck" },
  ];
  gateway = await startGateway(store, { readiness });
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

test("readiness lists its checks, and fails when one of them fails", async () => {
  gateway.live.publish(liveRecord(FILLER, gateway.now, { lastEventAt: gateway.now - 1_500 }));
  const ready = async () => {
    const response = await fetch(`${gateway.url}/health/ready`);
    return { status: response.status, body: (await response.json()) as { checks: { name: string; ok: boolean }[] } };
  };
  const well = await ready();
  expect(well).toMatchObject({ status: 200, body: { status: "ready", newestEvent: { ageMs: 1_500 } } });
  const names = ["store", "log", "lag", "live", "doubted totals", "clock", "audit", "worker"];
  expect(well.body.checks.map(({ name }) => name)).toEqual(names);

  workerIsWell = false;
  expect(await ready()).toMatchObject({ status: 503, body: { status: "not-ready" } });
  workerIsWell = true;

  // All live records are overdue.
  gateway.now += 61_000;
  const silent = await ready();
  expect(silent.status).toBe(503);
  expect(silent.body.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["live"]);
  gateway.now -= 61_000;
});

test("a clock that events are further ahead of than they may be is told to be behind", async () => {
  const check = async (): Promise<unknown> => {
    const { checks } = (await (await fetch(`${gateway.url}/health/ready`)).json()) as { checks: { name: string }[] };
    return checks.find(({ name }) => name === "clock");
  };
  gateway.live.publish(liveRecord(FILLER, gateway.now, { lastEventAt: gateway.now }));
  expect(await check()).toEqual({ name: "clock", ok: true, detail: "not behind the events" });
  const at = new Date(gateway.now).toISOString();
  gateway.now -= 3 * 3_600_000;
  const detail = `behind: an event of ${at} was taken, and others ahead of the clock are refused`;
  expect(await check()).toEqual({ name: "clock", ok: true, detail });
  gateway.now += 3 * 3_600_000;
});

test("CN-8: doubted totals are shown by readiness and metrics, and do not make the gateway unready", async () => {
  const check = async (): Promise<unknown> => {
    const { checks } = (await (await fetch(`${gateway.url}/health/ready`)).json()) as { checks: { name: string }[] };
    return checks.find(({ name }) => name === "doubted totals");
  };
  expect(await check()).toEqual({ name: "doubted totals", ok: true, detail: "none" });
  gateway.live.publish(liveRecord(FILLER, gateway.now, { doubts: 2 }), liveRecord(PRESS, gateway.now, { doubts: 30 }));
  const detail = `they count nothing, see maxRatePerHour: ${PRESS} 30, ${FILLER} 2`;
  expect(await check()).toEqual({ name: "doubted totals", ok: true, detail });
  gateway.live.publish(liveRecord(FILLER, gateway.now), liveRecord(PRESS, gateway.now));
});

test("the lag in readiness is that of the consumers of this process", async () => {
  const consumer = gateway.log.consume({
    groupId: "worker",
    topics: [gateway.topics.events.name],
    onAssigned: async () => {},
    onRevoked: async () => {},
    onBatch: () => new Promise((resolve) => setTimeout(resolve, 20)),
  });
  const lag = async (): Promise<unknown> =>
    ((await (await fetch(`${gateway.url}/health/ready`)).json()) as { lag: unknown }).lag;
  await expect.poll(lag).toBe(0);
  await consumer.close();
  await expect.poll(lag).toBeNull();
});

test("every problem's code is in docs/http-api.md", async () => {
  const docs = await readFile(fileURLToPath(new URL("../../../../docs/http-api.md", import.meta.url)), "utf8");
  const { PROBLEMS } = await import("../problems.ts");
  const listed = [...docs.matchAll(/^\| `(OEE_HTTP_[A-Z_]+)` \| (\d+) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(listed).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
});

test("a page of another origin is refused: there is no CORS, and no body type that browsers send without a preflight", async () => {
  const text = { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" };
  expect((await fetch(`${gateway.url}/api/v1/events`, text)).status).toBe(415);
  const headers = { origin: "https://evil.example", "content-type": "text/plain" };
  const response = await fetch(`${gateway.url}/api/v1/events`, { method: "POST", headers, body: "{}" });
  expect(response.status).toBe(403);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  // Where browsers send no `Sec-Fetch-Site`, as without TLS, a question of such a page is known by its origin too.
  for (const origin of ["https://evil.example", "null"]) {
    expect((await fetch(`${gateway.url}/api/v1/plant`, { headers: { origin } })).status).toBe(403);
  }
  expect((await fetch(`${gateway.url}/api/v1/plant`, { headers: { origin: gateway.url } })).status).toBe(200);
  const preflight = await fetch(`${gateway.url}/api/v1/events`, { method: "OPTIONS", headers });
  expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
});
