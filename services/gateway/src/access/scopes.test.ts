/**
 * Nothing of scopes that a caller does not hold appears. Every route that answers about the plant is asked, in each format, by an
 * administrator of one area, beside another site with stops, reasons, entries, alerts and an audit. Asked for something of that
 * site, a route answers as for something that does not exist.
 */
import type { Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOUR, liveRecord, FILLER, openTestStore, OVEN, START, storeHistory } from "../../test/gateway-fixture.ts";
import { AGREED, GOOD_REQUESTS, REVIEWED } from "../../test/requests.ts";
import { type SignedGateway, startSigned } from "../../test/signed-in.ts";

const HIDDEN = /recife|oven|hall\b|hidden/i;
const FORMATS = ["application/json", "text/csv", "application/vnd.apache.arrow.stream"];

/** One entry of each type, of the other site. */
const ELSEWHERE: readonly object[] = [
  { type: "pilot", id: "hidden-pilot", scopes: ["recife/hall/l9"], start: "2026-02-02", measures: ["oee"] },
  { type: "action", id: "hidden-action", scope: "recife", title: "Hidden guide", addresses: "oee" },
  { type: "target", id: "hidden-target", rev: 1, scope: "recife", measure: "oee", value: 0.5 },
  {
    ...{ type: "review", id: "hidden-review", scope: "recife", period: "2026-03-01", position: {} },
    ...{ instant: "2026-03-02T05:00:00.000Z", plant: "v", document: '{"hidden":true}', digest: "sha256:d" },
  },
];
const STOPS_THERE = ["running", "down", "running", "down"].map((state, i) => ({
  ...{ type: "state", machine: OVEN, at: START + i * HOUR, state },
  ...(state === "down" ? { reason: "mechanical/jam", note: "hidden word" } : {}),
}));

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, [...REVIEWED, ...STOPS_THERE], START + 8 * HOUR, 1n);
  gateway = await startSigned(store, { inside: ["admin@berlin/packing"], outside: ["admin@recife"], root: ["admin"] });
  gateway.live.publish(liveRecord(FILLER, gateway.now, {}), liveRecord(OVEN, gateway.now, {}));
  const entries = [...AGREED, ...ELSEWHERE].map((entry) => ({ key: null, value: Buffer.from(JSON.stringify(entry)) }));
  await gateway.log.append(gateway.topics.entries.name, entries);
  const correction = { machine: OVEN, from: START + HOUR, to: START + 2 * HOUR, reason: "mechanical", note: "hidden" };
  const body = JSON.stringify(correction);
  expect((await gateway.as("outside", "/api/v1/corrections", { method: "POST", body })).status).toBe(202);
  const token = { name: "hidden token", scopes: ["recife"], may: ["read"] };
  await gateway.as("outside", "/api/v1/tokens", { method: "POST", body: JSON.stringify(token) });
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

test("a caller of the whole plant sees the other site, so that there is something to hide", async () => {
  const rows = async (): Promise<number> => (await store.auditRows({ kind: "token-created", limit: 10 })).length;
  await expect.poll(rows).toBe(1);
  for (const path of [
    `/stops?from=${START}&to=now`,
    "/entries",
    "/audit",
    "/tokens",
    "/targets",
    "/actions",
    "/plant",
  ]) {
    expect(await (await gateway.as("root", `/api/v1${path}`)).text()).toMatch(HIDDEN);
    expect(await (await gateway.as("inside", `/api/v1${path}`)).text()).not.toMatch(HIDDEN);
  }
});

const READS = Object.entries(GOOD_REQUESTS).filter(
  ([route]) => route.startsWith("get ") && !/health|metrics/.test(route),
);

describe.each(READS)("%s", (_, [url]) => {
  test("says nothing of what lies elsewhere, in any format", async () => {
    for (const accept of FORMATS) {
      const answer = await gateway.as("inside", url, { headers: { accept } });
      const text = Buffer.from(await answer.arrayBuffer()).toString("latin1");
      expect([200, 202, 404, 406]).toContain(answer.status);
      expect(text).not.toMatch(HIDDEN);
      for (const value of answer.headers.values()) expect(value).not.toMatch(HIDDEN);
    }
  });
});

/** A request about something of the other site, and the same request about something that does not exist. */
interface Asked {
  readonly path: string;
  readonly elsewhere: string;
  readonly nowhere: string;
  /** The body of a POST; its empty text is replaced by the scope or id in question. */
  readonly body?: object;
}

const asked = (path: string, elsewhere: string, nowhere: string, body?: object): Asked => ({
  ...{ path, elsewhere, nowhere },
  ...(body === undefined ? {} : { body }),
});

const ASKED: readonly Asked[] = [
  ...[
    "live",
    "kpis",
    "losses",
    "pareto",
    "stops",
    "reasons/missing",
    "closings",
    "baselines",
    "targets",
    "actions",
    "assets",
    "alerts",
    "alert-rules",
    "audit",
  ].map((route) => asked(`/${route}?scope=`, "recife/hall", "recife/none")),
  asked("/review?period=2026-03-02&scope=", "recife", "nowhere"),
  asked("/scorecard?period=2026-03-02&scope=", "recife", "nowhere"),
  asked("/changes?first=2026-03-01&second=2026-03-02&scope=", "recife", "nowhere"),
  asked("/kpis?by=machine&scope=", OVEN, "recife/hall/l9/none"),
  asked(`/events?from=${START}&to=now&machine=`, OVEN, "recife/hall/l9/none"),
  asked("/corrections/x?timeout=0&machine=", OVEN, "recife/hall/l9/none"),
  asked("/pilots/", "hidden-pilot", "no-such-pilot"),
  asked("/actions/", "hidden-action", "no-such-action"),
  asked("/reviews/", "hidden-review", "no-such-review"),
  asked(
    "/alerts/",
    encodeURIComponent(`long/${OVEN}@2026-03-02T06:00:00.000Z`),
    encodeURIComponent("long/recife/hall/l9/none@2026-03-02T06:00:00.000Z"),
  ),
  asked("/corrections", OVEN, "recife/hall/l9/none", { machine: "", from: START, to: START + 1, reason: "mechanical" }),
  asked("/events", OVEN, "recife/hall/l9/none", { type: "state", machine: "", at: START, state: "down" }),
  asked("/entries", "recife", "nowhere", { type: "target", id: "n", rev: 1, scope: "", measure: "oee", value: 0.8 }),
  asked("/entries", `long/${OVEN}@2026-03-02T06:00:00.000Z`, "long/recife/hall/l9/none@2026-03-02T06:00:00.000Z", {
    ...{ type: "acknowledgement", id: "ack", rev: 1 },
    alert: "",
  }),
  asked("/baselines/preview", "recife", "nowhere", { scope: "", from: "2026-03-01", to: "2026-03-02" }),
  asked("/exports", "recife", "nowhere", { table: "actions", scope: "", format: "csv" }),
  asked("/reviews", "recife", "nowhere", { scope: "", period: "2026-03-01" }),
];

test("an alert is acknowledged by who holds its scope, and an alert of the whole plant by who holds that", async () => {
  const statusOf = async (who: string, id: string, subject: string): Promise<number> => {
    const body = JSON.stringify({
      type: "acknowledgement",
      id,
      rev: 1,
      alert: `long/${subject}@2026-03-02T06:00:00.000Z`,
    });
    return (await gateway.as(who, "/api/v1/entries", { method: "POST", body })).status;
  };
  expect([await statusOf("inside", "own", FILLER), await statusOf("outside", "own-too", OVEN)]).toEqual([202, 202]);
  expect([await statusOf("inside", "all", "*"), await statusOf("inside", "site", "berlin")]).toEqual([403, 403]);
  expect(await statusOf("root", "whole", "*")).toBe(202);
  // Nor in the place of an acknowledgement of somebody else's, whose id they know.
  const ticket = encodeURIComponent(`long/${FILLER}@2026-03-02T06:00:00.000Z`);
  const body = JSON.stringify({ id: "own-too", rev: 2 });
  const instead = await gateway.as("inside", `/api/v1/alerts/${ticket}/acknowledgements`, { method: "POST", body });
  expect([instead.status, await instead.text()]).toEqual([403, expect.stringContaining("that you do not hold")]);
});

test.each(ASKED)("$path of $elsewhere is answered as of $nowhere", async ({ path, elsewhere, nowhere, body }) => {
  const answerTo = async (name: string): Promise<readonly [number, string]> => {
    const given = body === undefined ? undefined : JSON.stringify(body).replace('""', JSON.stringify(name));
    const url = `/api/v1${path}${body === undefined ? name : ""}`;
    const answer = await gateway.as("inside", url, given === undefined ? {} : { method: "POST", body: given });
    const text = await answer.text();
    return [answer.status, text.replaceAll(decodeURIComponent(name), "NAME")];
  };
  const [there, absent] = [await answerTo(elsewhere), await answerTo(nowhere)];
  expect(there).toEqual(absent);
  // POST /events answers with counts: none of the events was accepted.
  expect(there[0] >= 400 || there[1].includes('"accepted":0')).toBe(true);
});
