/** Every status that the OpenAPI document promises, provoked over a real port. */
import { type Store, StoreError } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FILLER,
  HOUR,
  liveRecord,
  openTestStore,
  PLANT,
  START,
  openGateway,
  storeHistory,
  type TestGateway,
} from "../test/gateway-fixture.ts";
import { signedOn, usersOf } from "../test/signed-in.ts";
import { AGREED, GOOD_REQUESTS, JSON_HEADERS, OTHER_REQUESTS, PERIOD, REVIEWED } from "../test/requests.ts";
import type { GatewayOptions } from "./index.ts";

let store: Store;
let closeStore: () => Promise<void>;
const provoked = new Set<string>();
let documented: ReadonlySet<string>;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, REVIEWED, START + 8 * HOUR, 1n);
});
afterAll(() => closeStore());

async function withGateway(more: Partial<GatewayOptions>, use: (gateway: TestGateway) => Promise<void>): Promise<void> {
  // The gateway has no sign-in, unless `more` gives it one.
  const gateway = await openGateway(store, more);
  gateway.live.publish(liveRecord(FILLER, gateway.now, { corrections: ["seen"] }));
  const agreed = AGREED.map((entry) => ({ key: null, value: Buffer.from(JSON.stringify(entry)) }));
  await gateway.log.append(gateway.topics.entries.name, agreed);
  try {
    await use(gateway);
  } finally {
    await gateway.close();
  }
}

async function provoke(gateway: TestGateway, route: string, url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(gateway.url + url, init);
  provoked.add(`${route} ${response.status}`);
  if (response.status >= 400 && !url.includes("/health/")) {
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(await response.json()).toMatchObject({
      type: expect.stringMatching(/^\/api\/docs#OEE_HTTP_/) as unknown,
      title: expect.stringMatching(/./) as unknown,
      status: response.status,
      code: expect.stringMatching(/^OEE_HTTP_/) as unknown,
      detail: expect.stringMatching(/./) as unknown,
    });
  }
  return response;
}

/** Sends a request to all routes, or to those whose document promises a status. */
async function provokeAll(
  gateway: TestGateway,
  status?: number,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const [route, [url, init]] of Object.entries(GOOD_REQUESTS)) {
    if (status !== undefined && !documented.has(`${route} ${status}`)) continue;
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    const response = await provoke(gateway, route, url, { ...init, headers });
    if (status !== undefined) expect([route, response.status]).toEqual([route, status]);
  }
}

describe("every documented status", () => {
  test("the document names each route and its statuses", async () => {
    await withGateway({}, async (gateway) => {
      const page = await fetch(`${gateway.url}/api/docs`);
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const response = await fetch(`${gateway.url}/api/docs/json`);
      const { paths } = (await response.json()) as {
        readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
      };
      const found = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(
          ([method, { responses }]) => [`${method} ${path}`, Object.keys(responses)] as const,
        ),
      );
      expect(found.map(([route]) => route).toSorted()).toEqual(Object.keys(GOOD_REQUESTS).toSorted());
      documented = new Set(found.flatMap(([route, statuses]) => statuses.map((status) => `${route} ${status}`)));
    });
  });

  test("200, 202, and the statuses of bad requests", async () => {
    await withGateway({ limits: { bodyBytesMax: 65_536 } }, async (gateway) => {
      await provokeAll(gateway);
      for (const [route, status, url, init] of OTHER_REQUESTS) {
        const response = await provoke(gateway, route, url, init);
        expect([url, response.status]).toEqual([url, status]);
      }
    });
  });

  test("410: rows are stored whose raw events are not kept any more", async () => {
    const historyStart: Store["historyStart"] = async (...asked) => ({
      ...(await store.historyStart(...asked)),
      keptFrom: START,
    });
    await withGateway({ store: { ...store, historyStart } }, async (gateway) => {
      const url = "/api/v1/reviews/q/differences?at=position";
      const response = await provoke(gateway, "get /api/v1/reviews/{id}/differences", url);
      expect(response.status).toBe(410);
    });
  });

  test("401 and 403", async () => {
    await withGateway({ access: { users: () => new Map() } }, (gateway) => provokeAll(gateway, 401));
    const users = await usersOf({ guest: [] });
    await withGateway({ access: { users: () => users } }, async (gateway) => {
      const cookie = await signedOn(gateway, users).cookieOf("guest");
      await provokeAll(gateway, 403, { cookie, origin: gateway.url });
    });
  });

  test("429, while probes of health get through", async () => {
    await withGateway({ limits: { requestsPerMinute: 1, postsPerMinute: 1 } }, async (gateway) => {
      for (const [route, [url, init]] of Object.entries(GOOD_REQUESTS)) {
        await provoke(gateway, route, url, init);
        const { status } = await provoke(gateway, route, url, init);
        expect([route, status === 429]).toEqual([route, documented.has(`${route} 429`)]);
      }
    });
  });

  test("500, without details of the error", async () => {
    let broken = false;
    const orBreak = <T>(value: T): T => {
      if (broken) throw new TypeError("secret of the inside");
      return value;
    };
    const options = { plant: () => orBreak(PLANT), clock: () => orBreak(START), limits: { updateEveryMs: 60_000 } };
    await withGateway(options, async (gateway) => {
      broken = true;
      await provokeAll(gateway, 500);
      expect(await (await fetch(`${gateway.url}/api/v1/plant`)).text()).not.toContain("secret");
      broken = false;
    });
  });

  test("503 where the store or the log is away, or too many requests wait", async () => {
    const gone = async (): Promise<never> => {
      throw new StoreError("OEE_STORE_UNAVAILABLE", "the server is down", { retryable: true });
    };
    const down = { ...store, sums: gone, stops: gone, pareto: gone, eventsBefore: gone, ping: gone };
    await withGateway({ store: down, limits: { correctionWaitsMax: 0 } }, async (gateway) => {
      gateway.live.publish(liveRecord(FILLER, gateway.now, { corrections: [] }));
      await gateway.log.close();
      const { headers } = await fetch(`${gateway.url}/api/v1/kpis`);
      expect(headers.get("retry-after")).toBe("2");
      const wait = `/api/v1/corrections/x?machine=${FILLER}&timeout=1s`;
      expect((await provoke(gateway, "get /api/v1/corrections/{id}", wait)).status).toBe(503);
      const one = { type: "state", machine: FILLER, at: START, state: "running" };
      const post = { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(one) };
      expect((await provoke(gateway, "post /api/v1/events", "/api/v1/events", post)).status).toBe(503);
      for (const route of Object.keys(GOOD_REQUESTS)) {
        const request = GOOD_REQUESTS[route];
        if (request !== undefined && documented.has(`${route} 503`)) await provoke(gateway, route, ...request);
      }
    });
  });

  test("413 names the largest body; a store that refuses the sign-in is unavailable", async () => {
    const denied = async (): Promise<never> => {
      throw new StoreError("OEE_STORE_ACCESS_DENIED", "the password is wrong");
    };
    await withGateway({ store: { ...store, sums: denied }, limits: { bodyBytesMax: 65_536 } }, async (gateway) => {
      const body = " ".repeat(70_000);
      const large = await fetch(`${gateway.url}/api/v1/events`, { method: "POST", headers: JSON_HEADERS, body });
      expect(await large.json()).toMatchObject({
        status: 413,
        detail: expect.stringContaining("65536 bytes") as unknown,
      });
      const ndjson = { "content-type": "application/x-ndjson" };
      // Sent as a stream, the body has no content-length.
      for (const lines of [body, new Blob([body]).stream()]) {
        const init = { method: "POST", headers: ndjson, body: lines, duplex: "half" };
        expect((await fetch(`${gateway.url}/api/v1/events`, init)).status).toBe(413);
      }
      const headers = { "content-type": "application/ndjson" };
      const other = await fetch(`${gateway.url}/api/v1/events`, { method: "POST", headers, body: "{}" });
      expect(await other.json()).toMatchObject({
        status: 415,
        detail: "expected the content-type application/json or application/x-ndjson",
      });
      const kpis = await fetch(`${gateway.url}/api/v1/kpis?${PERIOD}`);
      expect(await kpis.json()).toMatchObject({
        status: 503,
        code: "OEE_HTTP_STORE_UNAVAILABLE",
        detail: "OEE_STORE_ACCESS_DENIED: try again later",
      });
    });
  });

  test("every documented status was provoked", () => {
    expect([...documented].filter((status) => !provoked.has(status))).toEqual([]);
  });

  test("every status that came is documented", () => {
    expect([...provoked].filter((status) => !documented.has(status))).toEqual([]);
  });
});

test("an unknown path, and a malformed one, are answered with a problem", async () => {
  await withGateway({}, async (gateway) => {
    const none = await fetch(`${gateway.url}/api/v1/corrections/%zz`);
    expect([none.status, none.headers.get("content-type")]).toEqual([400, "application/problem+json; charset=utf-8"]);
    expect(none.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await none.json()).toMatchObject({ code: "OEE_HTTP_INVALID_PARAMETER", status: 400 });
    const response = await fetch(`${gateway.url}/api/v1/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "OEE_HTTP_NOT_FOUND", status: 404 });
  });
});
