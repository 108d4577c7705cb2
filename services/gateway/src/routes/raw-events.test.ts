/** the events behind a figure, as they came. */
import { formatInstant } from "@oee/model";
import type { EventRecord, Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  FILLER,
  HOUR,
  LABELLER,
  openTestStore,
  START,
  startGateway,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
let offset = 0;

function record(machine: string, type: EventRecord["type"], at: number, more: object, repeat = false): EventRecord {
  const place = { topic: "oee.events", partition: 3, offset: offset++, index: 0 };
  const raw = JSON.stringify({ type, machine, at, ...more });
  return { ...place, machine, type, at, receivedAt: at + 250, id: null, repeat, raw };
}

const at = (minutes: number): number => START + minutes * 60_000;
const EVENTS: readonly EventRecord[] = [
  record(FILLER, "job", at(0), { product: "water" }),
  record(FILLER, "state", at(1), { state: "running" }),
  record(FILLER, "state", at(5), { state: "idle" }),
  record(FILLER, "count", at(12), { good: 7 }),
  record(FILLER, "state", at(11), { state: "down" }),
  record(FILLER, "state", at(12), { state: "down" }, true),
  record(LABELLER, "state", at(11), { state: "down" }),
  record(FILLER, "state", at(20), { state: "running" }),
  // Corrections made hours later: of a span that overlaps, of one that does not, and of one without an end.
  record(FILLER, "correction", at(300), { from: at(11), to: formatInstant(at(13)), reason: "a", by: "Anna" }),
  record(FILLER, "correction", at(301), { from: at(20), to: at(21), reason: "b" }),
  record(FILLER, "correction", at(19), { from: formatInstant(at(9)), to: null, reason: "c" }),
];

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await store.insertEvents(EVENTS);
  gateway = await startGateway(store);
  gateway.now = START + 8 * HOUR;
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

async function get(query: Readonly<Record<string, string>>, accept = "application/json"): Promise<Response> {
  const parameters = new URLSearchParams({ machine: FILLER, from: String(at(10)), to: String(at(20)), ...query });
  return fetch(`${gateway.url}/api/v1/events?${parameters.toString()}`, { headers: { accept } });
}

interface Row {
  readonly bearing: string;
  readonly type: string;
  readonly at: string;
  readonly raw: string;
}

test("R-9: the state and job in force, the events, and later corrections of the period, byte for byte", async () => {
  const response = await get({});
  const rows = (await response.json()) as readonly Row[];
  const bytes = (n: number): string => EVENTS[n]?.raw ?? "";
  expect(rows.map(({ bearing, raw }) => [bearing, raw])).toEqual([
    ["in-force", bytes(2)],
    ["in-force", bytes(0)],
    ["within", bytes(4)],
    ["within", bytes(3)],
    ["correction", bytes(10)],
    ["correction", bytes(8)],
  ]);
  expect(rows[2]).toEqual({
    ...{ machine: FILLER, type: "state", at: formatInstant(at(11)), receivedAt: formatInstant(at(11) + 250) },
    ...{ bearing: "within", id: null, topic: "oee.events", partition: 3, offset: 4, index: 0, raw: bytes(4) },
  });
  expect(response.headers.get("oee-next")).toBeNull();
  const csv = (await (await get({}, "text/csv")).text()).trimEnd().split("\n");
  expect(csv).toHaveLength(rows.length + 1);
  expect(csv[0]).toBe(Object.keys(rows[0] ?? {}).join(","));
});

test("R-9: with more events than the limit, the answer says where to go on", async () => {
  const first = await get({ limit: "1" });
  expect(first.headers.get("oee-next")).toBe(formatInstant(at(12)));
  expect(((await first.json()) as readonly Row[]).filter(({ bearing }) => bearing === "within")).toHaveLength(1);
  const rest = (await (await get({ limit: "1", from: first.headers.get("oee-next") ?? "" })).json()) as readonly Row[];
  expect(rest.filter(({ bearing }) => bearing === "within").map(({ type }) => type)).toEqual(["count"]);
});

test("R-9: events of a machine that the plant lacks are not found", async () => {
  expect(await (await get({ machine: "berlin" })).json()).toMatchObject({
    code: "OEE_HTTP_INVALID_PARAMETER",
    parameter: "machine",
    detail: "machine is the site berlin; expected a machine",
  });
  expect(await (await get({ machine: "nowhere" })).json()).toMatchObject({ code: "OEE_HTTP_UNKNOWN_SCOPE" });
});
