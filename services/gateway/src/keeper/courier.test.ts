import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MESSAGE } from "../../test/alert-message.ts";
import { PLANT, START } from "../../test/gateway-fixture.ts";
import { startMailServer, type TestMailServer } from "../../test/mail-server.ts";
import { gatewayMetrics } from "../metrics.ts";
import { Courier } from "./courier.ts";
import { MessageLog } from "./message-log.ts";
import type { Receiver } from "./options.ts";

const TO: readonly Receiver[] = ["anna@example.org", "ben@example.org"].map((to) => ({ by: "email", to }));

let now: number;
let mails: TestMailServer;
let log: MessageLog;
let courier: Courier;
let receivers: readonly Receiver[];
let close: () => Promise<void>;

beforeEach(async () => {
  [now, receivers, mails] = [START, TO, await startMailServer()];
  const of = topics("oee.", 1);
  const events = openMemoryLog();
  await events.ensureTopics(allTopics(of));
  log = new MessageLog(events, of);
  log.start();
  await log.caughtUp;
  const addresses = () => ({ roles: new Map([["fitter", receivers]]), mail: mails.mail, url: null });
  const machines = () => ({ known: 0, stale: 0, unreadable: 0 });
  const gauges = { liveClients: () => 0, onDuty: () => true, alertsOpen: () => 0, machines };
  const options = { addresses, tooLateMs: 3_600_000, lookEveryMs: null };
  courier = new Courier(log, options, () => now, pino({ level: "silent" }), gatewayMetrics(new Registry(), gauges));
  close = async () => {
    await log.close();
    await events.close();
    await mails.close();
  };
});
afterEach(() => close());

const deliver = (mayGoOn = () => true) => courier.deliver(PLANT.plant, [MESSAGE], mayGoOn);

test("AL-4: each receiver gets a message once, however often it is due, and it is recorded who has it", async () => {
  await deliver(() => false);
  expect(mails.mails).toEqual([]);
  await deliver();
  await deliver();
  expect(mails.mails.map(({ to }) => to)).toEqual(["anna@example.org", "ben@example.org"]);
  expect(log.of(MESSAGE.key)).toMatchObject({ state: "sent", why: null, deliveries: [{}, {}] });
  expect(courier.wasSent(MESSAGE.key)).toBe(true);
});

test("AL-4: a message that is refused is tried again after 5 s and not before, until it is too late", async () => {
  mails.refuse("full");
  await deliver();
  expect([mails.mails, courier.wasSent(MESSAGE.key)]).toEqual([[], false]);
  mails.refuse(null);
  now += 4_999;
  await deliver();
  expect(mails.mails).toEqual([]);
  now += 1;
  await deliver();
  expect(mails.mails).toHaveLength(2);
});

test("AL-4: what is due for longer than an hour, or has no receiver, is recorded as not sent", async () => {
  receivers = [];
  await deliver();
  expect(log.of(MESSAGE.key)).toMatchObject({ state: "not-sent", why: "no address of fitter" });
  const late = { ...MESSAGE, key: "long/y#0#step" };
  receivers = TO;
  now = START + 3_600_001;
  await courier.deliver(PLANT.plant, [late], () => true);
  expect(log.of(late.key)).toMatchObject({ state: "not-sent", why: "too late" });
  expect(mails.mails).toEqual([]);
});
