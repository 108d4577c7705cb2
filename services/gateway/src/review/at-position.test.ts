/** A presented review after late events and corrections (RV-4): its document stays, and is compared with the figures of now. */
import { formatInstant } from "@oee/model";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { saidBy } from "../../../../tests/support/sign-in.ts";
import { checkPresented } from "../../../oee/src/review/presented.ts";
import {
  eventAt,
  HOUR,
  openTestStore,
  PLANT,
  PLANT_TEXT,
  plantOf,
  PRESS,
  recordsOf,
  SAW,
  someEvents,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";

interface Differences {
  readonly digest: string;
  readonly digestNow: string;
  readonly differences: readonly { readonly figure: string; readonly presented: unknown; readonly now: unknown }[];
  readonly since: { readonly lateEvents: number; readonly corrections: number; readonly by: object };
}

const EVENTS = someEvents();
/** The day after, in Berlin. */
const PRESENTED_AT = START + 24 * HOUR;
/** Midnight of the day that is presented, in Berlin. */
const DAY_ENDS = Date.parse("2026-03-02T23:00:00Z");
const LATE_AT = PRESENTED_AT + HOUR;

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, EVENTS, PRESENTED_AT, 1n);
  await store.insertEvents(recordsOf(EVENTS, { offset: 0, receivedAt: PRESENTED_AT - HOUR }));
  gateway = await startGateway(store);
  gateway.now = PRESENTED_AT;
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${gateway.url}/api/v1${path}`);
  const body = (await response.json()) as T;
  expect([path, response.status, body]).toEqual([path, 200, expect.anything()]);
  return body;
}

async function post(path: string, body: object): Promise<unknown> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${gateway.url}/api/v1${path}`, init);
  expect(response.status).toBe(202);
  return response.json();
}

const scope = "berlin/packing/l2";
const presentedOf = (): Promise<Record<string, unknown>> => get("/reviews/q");

test("RV-2, RV-4: rows of a former plant file are told as such in the document, and in the one computed at its position", async () => {
  // Another site's machine came: all rows of this line stay those of the former file, and so do its figures.
  gateway.plant = plantOf(PLANT_TEXT.replace("l9: { machines: {", "l9: { machines: { kiln: { idealCycleSeconds: 3 },"));
  expect(gateway.plant.plant.version).not.toBe(PLANT.plant.version);
  await store.savePlant({ version: PLANT.plant.version, loadedAt: START, text: PLANT_TEXT });
  await post("/reviews", { id: "after", ...saidBy("anna"), scope, period: "2026-03-02" });
  const after = await get<Record<string, unknown>>("/reviews/after");
  expect(after).toMatchObject({ document: { quality: { plantVersions: [PLANT.plant.version] } } });
  const again = await get<Differences>("/reviews/after/differences?at=position");
  expect(again).toMatchObject({ differences: [], digestNow: after["digest"] });
  gateway.plant = PLANT;
});

test("RV-4: late events and corrections change the figures of now, but neither the presented document nor one computed at its position", async () => {
  await post("/entries", { type: "target", id: "goal", rev: 1, ...saidBy("anna"), scope, measure: "oee", value: 0.6 });
  await post("/reviews", { id: "q", ...saidBy("anna"), scope, period: "2026-03-02" });
  const presented = await presentedOf();
  const before = await get<Differences>("/reviews/q/differences?at=position");
  expect(before).toMatchObject({ differences: [], digestNow: presented["digest"], since: { lateEvents: 0 } });

  // RV-2: they arrived on the next day. SC-4: what is presented holds the rows of its scorecard.
  const arrived = PRESENTED_AT - HOUR;
  const ofLine = EVENTS.filter(({ machine, at, type }) => {
    const isBefore = Date.parse(String(at)) < Math.min(arrived - HOUR, DAY_ENDS);
    return [PRESS, SAW].includes(String(machine)) && type !== "correction" && isBefore;
  }).length;
  expect(ofLine).toBeGreaterThan(10);
  expect(presented).toMatchObject({
    document: {
      quality: { lateEvents: ofLine, lateEventsAfterEnd: ofLine },
      scorecard: { rows: (await get<{ rows: unknown }>(`/scorecard?scope=${scope}&period=2026-03-02`)).rows },
    },
  });

  // Later there come a count, a correction of the day, one of another day, and entries.
  const stop = EVENTS.find((event) => event["machine"] === PRESS && event["state"] === "down") ?? {};
  const late = [
    eventAt(PRESS, 30, { type: "count", good: 500 }),
    {
      ...{
        type: "correction",
        machine: PRESS,
        at: formatInstant(LATE_AT),
        by: "ben",
        state: "down",
        reason: "mechanical",
      },
      ...{ from: stop["at"], to: formatInstant(Date.parse(String(stop["at"])) + 2 * HOUR) },
    },
    {
      ...{ type: "correction", machine: SAW, at: formatInstant(LATE_AT), by: "ben", reason: "mechanical" },
      ...{ from: formatInstant(PRESENTED_AT), to: formatInstant(LATE_AT) },
    },
  ];
  gateway.now = LATE_AT + HOUR;
  await storeHistory(store, [...EVENTS, ...late], gateway.now, 2n);
  await store.insertEvents(recordsOf(late, { offset: EVENTS.length, receivedAt: LATE_AT }));
  await post("/entries", { type: "target", id: "goal", rev: 2, ...saidBy("anna"), scope, measure: "oee", value: 0.7 });

  expect(await presentedOf()).toEqual(presented);
  const now = await get<Differences>("/reviews/q/differences");
  expect(now.digestNow).not.toBe(presented["digest"]);
  const figures = new Map(now.differences.map(({ figure, ...both }) => [figure, both]));
  const { oee } = (presented["document"] as { measures: Record<string, { achieved: number; goal: number }> }).measures;
  const live = await get<{ measures: Record<string, { achieved: number }> }>(
    `/review?scope=${scope}&period=2026-03-02`,
  );
  expect(figures.get("/measures/oee/achieved")).toEqual({
    presented: oee?.achieved,
    now: live.measures["oee"]?.achieved,
    by: (live.measures["oee"]?.achieved ?? 0) - (oee?.achieved ?? 0),
  });
  expect(figures.get("/measures/oee/goal")).toMatchObject({ presented: 0.6, now: 0.7 });
  expect(figures.get("/quality/corrections")).toMatchObject({ presented: 0, now: 1 });
  expect(figures.get("/quality/lateEvents")).toEqual({ presented: ofLine, now: ofLine + 1, by: 1 });
  expect(figures.get("/cost")).toMatchObject({ by: expect.stringMatching(/^-?\d+\.\d\d$/) as string });
  expect(now.since).toMatchObject({ lateEvents: 1, corrections: 1, by: { ben: 1 } });

  // Computed at its position the document is the same, byte for byte; the command checks both.
  const again = await get<Differences>("/reviews/q/differences?at=position");
  expect(again).toMatchObject({ at: "position", digestNow: presented["digest"], differences: [] });
  await expect(checkPresented(gateway, "q")).rejects.toThrow(`${now.differences.length} figures of review q`);

  // A sign-off does not change when the review was presented.
  await post("/reviews/q/sign-offs", { ...saidBy("cora"), role: "boss", digest: presented["digest"] });
  const signed = await get<Differences>("/reviews/q/differences?at=position");
  expect(signed).toMatchObject({ differences: [], since: { lateEvents: 1, corrections: 1 } });
});

test("RV-4: with another plant file the document differs, and the answer names the plant version that it was made with", async () => {
  gateway.plant = plantOf(PLANT_TEXT.replace("idealCycleSeconds: 0.3333", "idealCycleSeconds: 0.5"));
  const again = await get<Differences>("/reviews/q/differences?at=position");
  expect(again.differences.map(({ figure }) => figure)).toContain("/measures/performance/achieved");
  expect(again.since).toMatchObject({
    plant: { presented: PLANT.plant.version, now: gateway.plant.plant.version },
  });
  gateway.plant = PLANT;
});
