/** A baseline's drift, by KPI and component, and what came after it was frozen (BL-5): an example reckoned by hand. */
import { formatInstant } from "@oee/model";
import type { BaselineAnswer } from "@oee/protocol";
import type { Store } from "@oee/store";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { saidBy } from "../../../../tests/support/sign-in.ts";
import {
  eventAt,
  HOUR,
  openTestStore,
  PLANT,
  recordsOf,
  SAW,
  START,
  startGateway,
  storeHistory,
  type TestGateway,
} from "../../test/gateway-fixture.ts";
import { AuditLog } from "../audit/audit-log.ts";

const hours = (from: number, more: object): Readonly<Record<string, unknown>> => eventAt(SAW, from * 60, more);
/** From 06:00 in Berlin to the day's end it runs, which counts outside the shifts too (overtime), but for an hour: 17 of 18 h. */
const EVENTS = [
  hours(0, { type: "state", state: "running" }),
  hours(6, { type: "state", state: "down" }),
  hours(7, { type: "state", state: "running" }),
  hours(23, { type: "state", state: "running" }),
];
const FROZEN_AT = START + 24 * HOUR;
const LATE_AT = FROZEN_AT + HOUR;
const PERIOD = { from: "2026-03-02", to: "2026-03-03" };

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, EVENTS, FROZEN_AT, 1n);
  await store.insertEvents(recordsOf(EVENTS, { offset: 0, receivedAt: FROZEN_AT - HOUR }));
  gateway = await startGateway(store);
  gateway.now = FROZEN_AT;
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

async function enter(entry: object): Promise<void> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(entry) };
  const response = await fetch(`${gateway.url}/api/v1/entries`, init);
  expect([response.status, await response.text()]).toEqual([202, expect.any(String)]);
}

async function baseline(id: string): Promise<BaselineAnswer | undefined> {
  const response = await fetch(`${gateway.url}/api/v1/baselines?scope=${SAW}`);
  return ((await response.json()) as readonly BaselineAnswer[]).find((one) => one.id === id);
}

test("BL-2: the baseline in force for a scope below its own has the figures of that scope", async () => {
  const line = SAW.slice(0, SAW.lastIndexOf("/"));
  // The saw ran 17 of 18 known hours. The press beside it says nothing of the 15.5 h of its shifts.
  const given = { type: "baseline", id: "above", rev: 1, ...saidBy("anna"), scope: line, ...PERIOD, minCoverage: 0.1 };
  await enter(given);
  const inForce = async (scope: string): Promise<unknown> => {
    const response = await fetch(`${gateway.url}/api/v1/baselines?scope=${scope}&date=2026-03-03`);
    const [{ id, kpis }] = (await response.json()) as [BaselineAnswer];
    return { id, availability: kpis["availability"], coverage: kpis["coverage"] };
  };
  expect(await inForce(line)).toEqual({ id: "above", availability: 17 / 18, coverage: 18 / 33.5 });
  expect(await inForce(SAW)).toEqual({ id: "above", availability: 17 / 18, coverage: 1 });
});

test("BL-5: a baseline of which nothing has changed drifts in nothing, and tells nothing of what came", async () => {
  const given = { type: "baseline", ...saidBy("anna"), scope: SAW, ...PERIOD };
  await enter({ ...given, id: "b", rev: 1 });
  // A revision that keeps the figures does not change when they were frozen.
  gateway.now = FROZEN_AT + HOUR / 2;
  await enter({ ...given, id: "b", rev: 2, note: "as agreed" });
  const found = await baseline("b");
  expect(found).toMatchObject({ drift: {}, driftComponents: {} });
  expect(found?.kpis["availability"]).toBe(17 / 18);
  expect(found).not.toHaveProperty("since");
});

test("BL-5: it drifts by component and KPI, and says how many late events, corrections and recomputations came, and whose", async () => {
  const at = formatInstant(LATE_AT);
  // Made before the baseline was frozen, where there was no network, and sent with its own time.
  const correction = {
    type: "correction",
    machine: SAW,
    at: formatInstant(FROZEN_AT - HOUR),
    by: "ben",
    state: "running",
  };
  const late = [
    // A stop from 20:00 to 22:00, two hours more; and of the hour that there was, half is said to have been a run.
    hours(14, { type: "state", state: "down" }),
    hours(16, { type: "state", state: "running" }),
    { ...correction, from: formatInstant(START + 6 * HOUR), to: formatInstant(START + 6.5 * HOUR) },
    // Of the day after: it does not bear on the baseline.
    { ...correction, from: formatInstant(FROZEN_AT), to: at },
  ];
  gateway.now = LATE_AT + HOUR;
  await storeHistory(store, [...EVENTS, ...late], gateway.now, 2n);
  await store.insertEvents(recordsOf(late, { offset: EVENTS.length, receivedAt: LATE_AT }));

  const logger = pino({ level: "silent" });
  const audit = new AuditLog({
    ...{ log: gateway.log, topic: gateway.topics.audit.name, store: null, logger },
    clock: () => LATE_AT,
  });
  audit.start();
  const span = { from: "2026-03-02T00:00:00.000Z", to: "2026-03-02T12:00:00.000Z" };
  const line = { who: "carl", from: null, before: null, scope: "berlin", after: span };
  await audit.write(
    { ...line, kind: "recompute", what: "1" },
    { ...line, kind: "recomputed", what: "1" },
    { ...line, kind: "repair", what: "2", who: "dora", scope: SAW },
    // Neither of another line nor of another time.
    { ...line, kind: "recompute", what: "3", scope: "berlin/packing/l1" },
    { ...line, kind: "recompute", what: "4", after: { from: "2026-03-03T00:00:00.000Z", to: at } },
  );
  await audit.close();
  // As releases before the audit's topic told it; one is in both.
  const told = { at: LATE_AT, actor: "carl", action: "recompute", scope: "*", plantVersion: "", detail: "{}" };
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  await store.recordAudit({ ...told, id: "1", from, to });
  await store.recordAudit({ ...told, id: "5", from, to: null });
  await store.recordAudit({ ...told, id: "0", at: FROZEN_AT - HOUR, from, to });

  await expect.poll(async () => (await baseline("b"))?.since?.recomputations).toBe(3);
  const found = await baseline("b");
  expect(found?.since).toMatchObject({
    ...{ lateEvents: 2, corrections: 1, correctionsBy: { ben: 1 } },
    ...{ recomputations: 3, recomputationsBy: { carl: 2, dora: 1 } },
    plant: { frozen: PLANT.plant.version, now: PLANT.plant.version },
  });
  const { position } = found?.since ?? {};
  expect(position?.frozen["test.events"]).toEqual({ 0: EVENTS.length });
  expect(position?.now["test.events"]).toEqual({ 0: EVENTS.length + late.length });
  // 2 h less running for the new stop, half an hour more for the correction.
  expect(found?.driftComponents).toEqual({
    ...{ runTime: -1.5 * HOUR, unplannedStopTime: 1.5 * HOUR, failureTime: 1.5 * HOUR, repairTime: 1.5 * HOUR },
    ...{ stopCount: 1, failureCount: 1, repairCount: 1 },
  });
  expect(found?.kpis["availability"]).toBe(17 / 18);
  expect(found?.drift["availability"]).toBe(15.5 / 18 - 17 / 18);
});

test("BL-5: frozen anew it drifts in nothing, and counts from then on", async () => {
  gateway.now = LATE_AT + 2 * HOUR;
  const again = { type: "baseline", ...saidBy("anna"), scope: SAW, ...PERIOD, freeze: "now" };
  await enter({ ...again, id: "b", rev: 3 });
  const found = await baseline("b");
  expect(found).toMatchObject({ drift: {}, driftComponents: {} });
  expect(found?.kpis["availability"]).toBe(15.5 / 18);
  expect(found).not.toHaveProperty("since");
});
