/** Operations: readiness, metrics, security headers, the dashboards' files. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
let dashboards: string;
let gateway: TestGateway;
let workerIsWell = true;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  dashboards = await mkdtemp(join(tmpdir(), "oee-dashboards-"));
  await mkdir(join(dashboards, "assets"));
  for (const page of ["index.html", "review.html", "reasons.html"]) {
    await writeFile(join(dashboards, page), `<!doctype html><title>${page}</title>`);
  }
  await writeFile(join(dashboards, "assets", "main-abc123.js"), "void 0;");
  await writeFile(join(dashboards, "secret.txt"), "not served");
  const readiness = () => [
    { name: "worker", ok: workerIsWell, detail: workerIsWell ? "well" : "its partition is stuck" },
  ];
  gateway = await startGateway(store, { dashboards, readiness });
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
  await rm(dashboards, { recursive: true, force: true });
});

test("readiness lists its checks, and fails when one of them fails", async () => {
  gateway.live.publish(liveRecord(FILLER, gateway.now, { lastEventAt: gateway.now - 1_500 }));
  const ready = async () => {
    const response = await fetch(`${gateway.url}/health/ready`);
    return { status: response.status, body: (await response.json()) as { checks: { name: string; ok: boolean }[] } };
  };
  const well = await ready();
  expect(well).toMatchObject({ status: 200, body: { status: "ready", newestEvent: { ageMs: 1_500 } } });
  const names = ["store", "log", "lag", "live", "doubted totals", "audit", "worker"];
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

test("docs/metrics.md lists the gateway's metrics, and no others with its prefix", async () => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const named = [...text.matchAll(/^# TYPE (oee_gateway_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  const docs = await readFile(fileURLToPath(new URL("../../../../docs/metrics.md", import.meta.url)), "utf8");
  const listed = [...docs.matchAll(/^\| `(oee_gateway_[a-z_]+)` \| ([a-z]+) \|/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(listed.toSorted()).toEqual(named.toSorted());
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

test("dashboards: one page for all addresses of a kind, assets cached for ever, and no other file", async () => {
  const get = (path: string) => fetch(gateway.url + path, { redirect: "manual" });
  const root = await get("/");
  expect([root.status, root.headers.get("location")]).toEqual([302, "/wall"]);
  for (const [path, file] of [
    ["/wall", "index.html"],
    ["/wall/berlin/packing/l1", "index.html"],
    ["/wall/*", "index.html"],
    ["/review", "review.html"],
    ["/review/stops/*?period=7d", "review.html"],
    ["/reasons", "reasons.html"],
    ["/reasons/berlin/packing/l1", "reasons.html"],
  ] as const) {
    const page = await get(path);
    expect([path, page.status, await page.text()]).toEqual([path, 200, `<!doctype html><title>${file}</title>`]);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-src 'self';");
    expect(policy).toContain(`ws://${new URL(gateway.url).host}`);
    expect(page.headers.get("cache-control")).toBe("no-cache");
  }
  const asset = await get("/assets/main-abc123.js");
  expect([asset.status, asset.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
  expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await get("/secret.txt")).status).toBe(404);
  expect((await get("/assets/../secret.txt")).status).toBe(404);
  expect((await get("/assets/%2e%2e/secret.txt")).status).toBe(404);
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
