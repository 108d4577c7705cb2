/** A review that is presented while the store is written (RV-4): its figures are those of the position that it names. */
import { formatInstant } from "@oee/model";
import type { Store } from "@oee/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { saidBy } from "../../../../tests/support/sign-in.ts";
import {
  eventAt,
  HOUR,
  liveRecord,
  openTestStore,
  PRESS,
  recordsOf,
  someEvents,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

const SCOPE = "berlin/packing/l2";
const EVENTS = someEvents();
/** The day after, in Berlin. */
const NOW = START + 24 * HOUR;
const LATE = [eventAt(PRESS, 30, { type: "count", good: 500 }), eventAt(PRESS, 40, { type: "count", good: 300 })];
const BY = saidBy("anna");

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
let written: Store;
/** Something that happens just before the next call of one method of the store. */
let meanwhile: { readonly name: keyof Store; readonly happen: () => Promise<void> } | null;
let partition: number;

beforeEach(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, EVENTS, NOW, 1n);
  meanwhile = null;
  written = new Proxy(store, {
    get(target, name: keyof Store) {
      const own = target[name] as (...given: unknown[]) => Promise<unknown>;
      if (name !== meanwhile?.name) return own;
      const { happen } = meanwhile;
      return async (...given: unknown[]) => {
        if (meanwhile?.happen === happen) {
          meanwhile = null;
          await happen();
        }
        return own(...given);
      };
    },
  });
  gateway = await startGateway(written);
  gateway.now = NOW;
  await logged(EVENTS);
  const ends = await gateway.log.endsOf(gateway.topics.events.name);
  partition = ends.find(({ endOffset }) => endOffset > 0)?.partition ?? 0;
  await store.insertEvents(recordsOf(EVENTS, { offset: 0, receivedAt: NOW - HOUR, partition }));
});
afterEach(async () => {
  await gateway.close();
  await closeStore();
});

/** Starts the gateway anew so that it gives up after 1 s where figures do not come to rest. */
async function hurried(): Promise<void> {
  const { log } = gateway;
  await gateway.app.close();
  gateway = await startGateway(written, { log, limits: { frozenWithinMs: 1_000 } });
  gateway.now = NOW;
}

/** Appends events with one key, and so to one partition. */
async function logged(events: readonly object[]): Promise<void> {
  const records = events.map((event) => ({ key: PRESS, value: Buffer.from(JSON.stringify(event)) }));
  await gateway.log.append(gateway.topics.events.name, records);
}

async function post(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${gateway.url}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${gateway.url}/api/v1${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const present = (): ReturnType<typeof post> => post("/reviews", { id: "q", ...BY, scope: SCOPE, period: "2026-03-02" });

/** Expects the document's figures to be those computed from the raw events before its position. */
async function expectThoseOfItsPosition(end: number): Promise<void> {
  const { position } = await get<{ position: object }>("/reviews/q");
  expect(position).toMatchObject({ "test.events": { [partition]: end } });
  const again = await get<{ differences: unknown[] }>("/reviews/q/differences?at=position");
  expect(again.differences).toEqual([]);
}

test("RV-4: late events that are stored while a review is presented are in its figures and before its position, or neither", async () => {
  await logged(LATE);
  const happen = async (): Promise<void> => {
    await storeHistory(store, [...EVENTS, ...LATE], NOW, 2n);
    await store.insertEvents(recordsOf(LATE, { offset: EVENTS.length, receivedAt: NOW - HOUR, partition }));
  };
  meanwhile = { name: "sums", happen };
  expect(await present()).toMatchObject({ status: 202 });
  await expectThoseOfItsPosition(EVENTS.length + LATE.length);
});

test("RV-4: an answer whose events are stored while it is computed names the position up to which they may be in it", async () => {
  const ask = async (): Promise<{ readonly oee: unknown; readonly position: unknown; readonly to: unknown }> => {
    const response = await fetch(`${gateway.url}/api/v1/review?scope=${SCOPE}&period=2026-03-02`);
    const { measures } = (await response.json()) as {
      readonly measures: { readonly oee: { readonly achieved: number } };
    };
    const [position, to] = ["oee-position", "oee-position-to"].map((name) => response.headers.get(name));
    const of = (text: string | null | undefined): unknown =>
      text == null ? null : (JSON.parse(text) as Readonly<Record<string, object>>)["test.events"];
    return { oee: measures.oee.achieved, position: of(position), to: of(to) };
  };
  const [before, after] = [EVENTS.length, EVENTS.length + LATE.length];
  const atRest = await ask();
  expect(atRest).toEqual({ oee: atRest.oee, position: { [partition]: before }, to: null });
  // Rows are stored a moment before their events.
  const happen = async (): Promise<void> => {
    await logged(LATE);
    await storeHistory(store, [...EVENTS, ...LATE], NOW, 2n);
  };
  meanwhile = { name: "sums", happen };
  const moving = await ask();
  expect(moving).toEqual({ oee: moving.oee, position: { [partition]: before }, to: { [partition]: after } });
  expect(moving.oee).not.toBe(atRest.oee);
  await store.insertEvents(recordsOf(LATE, { offset: before, receivedAt: NOW - HOUR, partition }));
  expect(await ask()).toEqual({ oee: moving.oee, position: { [partition]: after }, to: null });
  // A log that does not answer bounds nothing.
  Object.assign(gateway.log, { endsOf: () => Promise.reject(new Error("the log is away")) });
  const response = await fetch(`${gateway.url}/api/v1/scorecard?scope=${SCOPE}&period=2026-03-02`);
  expect([response.status, response.headers.get("oee-position-to")]).toEqual([200, "{}"]);
});

test("RV-4: an event that changes none of the review's figures moves its position on", async () => {
  const other = eventAt(PRESS, 25 * 60, { type: "count", good: 1 });
  await logged([other]);
  const happen = (): Promise<void> =>
    store.insertEvents(recordsOf([other], { offset: EVENTS.length, receivedAt: NOW - HOUR, partition }));
  meanwhile = { name: "sums", happen };
  expect(await present()).toMatchObject({ status: 202 });
  await expectThoseOfItsPosition(EVENTS.length + 1);
});

test("RV-4: presenting waits for the raw events of rows that are stored already", async () => {
  await logged(LATE);
  await storeHistory(store, [...EVENTS, ...LATE], NOW, 2n);
  const happen = async (): Promise<void> => {
    expect(await store.storedPositions("test.events")).toEqual(new Map([[partition, EVENTS.length]]));
    // The position is read again before anything is computed.
    meanwhile = {
      name: "storedPositions",
      happen: () => store.insertEvents(recordsOf(LATE, { offset: EVENTS.length, receivedAt: NOW - HOUR, partition })),
    };
  };
  meanwhile = { name: "storedPositions", happen };
  expect(await present()).toMatchObject({ status: 202 });
  await expectThoseOfItsPosition(EVENTS.length + LATE.length);
});

test("RV-4: a refused event after the position is not counted in the review", async () => {
  await gateway.log.append(gateway.topics.deadLetters.name, [
    {
      key: PRESS,
      value: Buffer.from(JSON.stringify({ type: "count", machine: PRESS, at: formatInstant(START + HOUR), good: -1 })),
      headers: { error: "invalid", partition: String(partition), offset: String(EVENTS.length) },
    },
  ]);
  const refused = async (): Promise<unknown> =>
    (await get<{ quality: { refused: object } }>(`/review?scope=${SCOPE}&period=2026-03-02`)).quality.refused;
  await expect.poll(refused).toEqual({ invalid: 1 });
  expect(await present()).toMatchObject({ status: 202 });
  const { document } = await get<{ document: { quality: { refused: object } } }>("/reviews/q");
  expect(document.quality.refused).toEqual({});
  await expectThoseOfItsPosition(EVENTS.length);
});

test("RV-4, BL-2: nothing is frozen while events of the period have just come", async () => {
  await hurried();
  await logged(LATE);
  await store.insertEvents(recordsOf(LATE, { offset: EVENTS.length, receivedAt: NOW, partition }));
  const baseline = { type: "baseline", id: "b", rev: 1, ...BY, scope: SCOPE, from: "2026-03-02", to: "2026-03-03" };
  const came = await Promise.all([present(), post("/entries", baseline)]);
  expect(came).toMatchObject([
    { status: 503, body: { code: "OEE_HTTP_FIGURES_MOVING", detail: expect.stringContaining("2 events") as string } },
    { status: 503, body: { code: "OEE_HTTP_FIGURES_MOVING" } },
  ]);
});

test("RV-4: nothing is frozen while a machine is recomputed", async () => {
  await hurried();
  gateway.live.publish(liveRecord(PRESS, NOW, { recomputing: true }));
  expect(await present()).toMatchObject({ status: 503, body: { detail: expect.stringContaining(PRESS) as string } });
  gateway.live.publish(liveRecord(PRESS, NOW));
  await expect.poll(present).toMatchObject({ status: 202 });
  await expectThoseOfItsPosition(EVENTS.length);
});

test("RV-4, BL-2: nothing is frozen while a machine's new events are not computed, however long that takes", async () => {
  await hurried();
  await logged(LATE);
  await store.insertEvents(recordsOf(LATE, { offset: EVENTS.length, receivedAt: NOW - 60_000, partition }));
  // No live record, as of a machine whose first months are being computed; then one that is not there yet.
  expect(await present()).toMatchObject({
    status: 503,
    body: { code: "OEE_HTTP_FIGURES_MOVING", detail: expect.stringContaining("2 events of before are not") as string },
  });
  gateway.live.publish(liveRecord(PRESS, NOW - HOUR));
  expect(await present()).toMatchObject({ status: 503 });
  await storeHistory(store, [...EVENTS, ...LATE], NOW, 2n);
  gateway.live.publish(liveRecord(PRESS, NOW));
  await expect.poll(present).toMatchObject({ status: 202 });
  await expectThoseOfItsPosition(EVENTS.length + LATE.length);
});
