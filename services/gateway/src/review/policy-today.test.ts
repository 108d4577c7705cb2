/** The figures of a baseline's period under today's policy, from its raw events (BL-6): an example reckoned by hand. */
import type { BaselineAnswer } from "@oee/protocol";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { saidBy } from "../../../../tests/support/sign-in.ts";
import {
  eventAt,
  HOUR,
  openTestStore,
  PLANT,
  PLANT_TEXT,
  plantOf,
  recordsOf,
  SAW,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

const hours = (from: number, more: object): Readonly<Record<string, unknown>> => eventAt(SAW, from * 60, more);
/** From 06:00 in Berlin to the day's end it runs 17 of 18 h, and makes 15,300 pieces: 30,600 s, 8.5 h, of the ideal cycle of 2 s. */
const EVENTS = [
  hours(0, { type: "state", state: "running" }),
  hours(1, { type: "count", good: 15_300 }),
  hours(6, { type: "state", state: "down" }),
  hours(7, { type: "state", state: "running" }),
  hours(23, { type: "state", state: "running" }),
];
const FROZEN_AT = START + 24 * HOUR;
/** Stops of up to 90 minutes are minor, and a piece takes 2.4 s, a fifth more. */
const TODAY = plantOf(
  PLANT_TEXT.replace("saw: { idealCycleSeconds: 2,", "saw: { idealCycleSeconds: 2.4, minorStopThreshold: 90m,"),
);

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
let reads: ReturnType<typeof vi.fn<Store["events"]>>;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, EVENTS, FROZEN_AT, 1n);
  await store.insertEvents(recordsOf(EVENTS, { offset: 0, receivedAt: FROZEN_AT - HOUR }));
  await store.savePlant({ version: PLANT.plant.version, loadedAt: START, text: PLANT_TEXT });
  reads = vi.fn<Store["events"]>((query) => store.events(query));
  gateway = await startGateway({ ...store, events: reads });
  gateway.now = FROZEN_AT;
  const entry = { type: "baseline", id: "b", rev: 1, ...saidBy("anna"), scope: SAW, from: "2026-03-02" };
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...entry, to: "2026-03-03" }),
  };
  expect((await fetch(`${gateway.url}/api/v1/entries`, init)).status).toBe(202);
  reads.mockClear();
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

async function baseline(asked = "&policy=today"): Promise<BaselineAnswer | undefined> {
  const response = await fetch(`${gateway.url}/api/v1/baselines?scope=${SAW}${asked}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as readonly BaselineAnswer[])[0];
}

test("BL-6: under the policy it was frozen with, a baseline has no figures beside its own, and no raw event is read", async () => {
  const found = await baseline();
  expect(found?.kpis).toMatchObject({ availability: 17 / 18, performance: 8.5 / 17 });
  expect(found).not.toHaveProperty("today");
  expect(reads).not.toHaveBeenCalled();
});

test("BL-6: under another policy the figures of its period stand beside the frozen ones, which stay", async () => {
  gateway.plant = TODAY;
  expect(await baseline("")).not.toHaveProperty("today");
  const found = await baseline();
  expect(found?.policy).toEqual(["idealCycle", "minorStopThreshold"]);
  expect(found?.kpis).toMatchObject({ availability: 17 / 18, performance: 8.5 / 17, downtimeFrequency: 1 / 18 });
  // The stop of an hour is minor now and part of the 18 h of operation; 15,300 pieces of 2.4 s are 10.2 h.
  expect(found?.today).toMatchObject({
    plant: TODAY.plant.version,
    kpis: { availability: 1, performance: 10.2 / 18, downtimeFrequency: 0 },
    components: { runTime: 17 * HOUR, minorStopTime: HOUR, unplannedStopTime: 0, minorStopCount: 1, stopCount: 0 },
  });
  expect(found?.today).not.toHaveProperty("why");
});

test("BL-6: the figures are kept until an event comes that bears on them", async () => {
  gateway.now = FROZEN_AT + HOUR;
  await baseline();
  reads.mockClear();
  const kept = await baseline();
  expect(reads).not.toHaveBeenCalled();
  expect(kept?.today?.kpis["availability"]).toBe(1);
  // A stop of two hours, which is no minor one: 16 of 18 h.
  const late = [hours(14, { type: "state", state: "down" }), hours(16, { type: "state", state: "running" })];
  await store.insertEvents(recordsOf(late, { offset: EVENTS.length, receivedAt: gateway.now }));
  expect((await baseline())?.today?.kpis["availability"]).toBe(16 / 18);
  expect(reads).toHaveBeenCalled();
});

test("BL-6: where its raw events are gone the answer says so, and has no figures", async () => {
  gateway.plant = plantOf(PLANT_TEXT.replace("saw: { idealCycleSeconds: 2,", "saw: { idealCycleSeconds: 3,"));
  // There are rows of the day before, whose raw events are not there.
  await storeHistory(store, [hours(-24, { type: "state", state: "running" }), ...EVENTS], FROZEN_AT, 2n);
  const { today } = (await baseline()) ?? {};
  expect(today).toEqual({ plant: gateway.plant.plant.version, kpis: {}, components: {}, why: "events-gone" });
});
