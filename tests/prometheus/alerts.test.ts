/**
 * Tests metrics and alerts with Prometheus itself: promtool checks the text of `/metrics` and evaluates each alert on series that we
 * wrote, and a running Prometheus that scrapes a worker on a real Kafka sees alerts fire.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { allTopics, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { systemScheduler } from "@oee/pacing";
import { openStore } from "@oee/store";
import { WORKER_DEFAULTS, Worker, workerMetrics } from "@oee/worker";
import kafkajs from "kafkajs";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { files, textOf } from "../docs/repository.ts";
import { type SharedBroker, sharedBroker } from "../kafka/broker.ts";
import { PLANT } from "../live/history.ts";
import { newFolder, serve, until } from "../live/oee-process.ts";
import { anyShown } from "../support/live.ts";
import { ALERTS, promtool, startPrometheus } from "./prometheus.ts";
import { addMetrics } from "../support/metrics.ts";
import { plantFrom } from "../support/plant.ts";

const FILLER = "berlin/packing/l1/filler";
const folder = newFolder();
let broker: SharedBroker;

beforeAll(async () => {
  broker = await sharedBroker();
});

afterAll(async () => {
  folder.remove();
});

test("metrics: promtool finds no fault in the text of /metrics", async () => {
  const served = await serve(["start", "--data", folder.path("data"), "--simulated-past", "8h"]);
  const text = await (await fetch(`${served.url}/metrics`)).text();
  await served.end("SIGTERM");
  expect(text).toContain("oee_worker_events_total");
  expect(await promtool(["check", "metrics"], text)).toEqual({ code: 0, text: "" });
});

test("metrics: every counter begins at 0 with each value of its label", async () => {
  const registry = new Registry();
  addMetrics(registry);
  const counters = (await registry.getMetricsAsJSON()).filter(({ type }) => String(type) === "counter");
  expect(counters.length).toBeGreaterThan(10);
  for (const { name, values } of counters) {
    expect(values.length, name).toBeGreaterThan(0);
    for (const { value } of values) expect(value, name).toBe(0);
  }
});

test("alerts: promtool sees each alert fire in its time on bad series, and none on good ones", async () => {
  const told = await promtool(["test", "rules", ...files("tests/prometheus/alerts.test.yml")]);
  expect(told.code, told.text).toBe(0);
  const tried = textOf("tests/prometheus/alerts.test.yml");
  const { groups } = parse(textOf("deploy/prometheus/alerts.yml")) as { groups: { rules: { alert: string }[] }[] };
  for (const { alert } of groups.flatMap(({ rules }) => rules)) expect(tried, ALERTS).toContain(alert);
});

test("alerts: a worker that waits for a producer's open transaction shows it as lag, is not ready and has a firing alert; 200 refused events fire one too", async () => {
  const brokers = [...broker.brokers];
  const prefix = `alerts-${process.pid}.`;
  const log = openKafkaLog({ client: { brokers } });
  const of = topics(prefix, 1);
  await log.ensureTopics(allTopics(of));
  const store = await openStore({ embedded: { path: folder.path("store") } });
  await store.migrate();
  const plant = plantFrom(PLANT);
  const registry = new Registry();
  const worker = new Worker({
    log,
    topics: of,
    store,
    plant,
    live: { publish: () => undefined, onShown: anyShown },
    scheduler: systemScheduler(),
    logger: pino({ level: "silent" }),
    metrics: workerMetrics(registry),
    settings: { ...WORKER_DEFAULTS, groupId: prefix, watchEveryMs: 200, stalledAfterMs: 1_500 },
  });
  await worker.start();
  const server = createServer((_, response) => void registry.metrics().then((text) => response.end(text)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  // By default the broker would abort the transaction after a minute, which Prometheus may need until its alert fires.
  const transactional = { transactionalId: prefix, transactionTimeout: 600_000 };
  const producer = kafka.producer({ ...transactional, maxInFlightRequests: 1, idempotent: true });
  onTestFinished(async () => {
    server.close();
    await producer.disconnect();
    await worker.close();
    await log.close();
    await store.close();
  });
  await until("a worker that is ready", () => (worker.status().ready ? true : undefined));

  const count = (good: unknown): Buffer =>
    Buffer.from(JSON.stringify({ type: "count", machine: FILLER, at: Date.now(), good }));
  await log.append(
    of.events.name,
    Array.from({ length: 200 }, () => ({ key: FILLER, value: count("one") })),
  );
  await until("200 dead letters", async () =>
    /^oee_worker_dead_letters_total\{error="invalid"\} 200$/m.test(await registry.metrics()) ? true : undefined,
  );
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: of.events.name, messages: [{ key: FILLER, value: count(1), partition: 0 }] });
  await log.append(
    of.events.name,
    [2, 3, 4, 5].map((good) => ({ key: FILLER, value: count(good) })),
  );

  await expect
    .poll(() => worker.status())
    .toMatchObject({
      ready: false,
      reason: expect.stringMatching(
        new RegExp(`^partition 0 of ${prefix}events: 5 records are not read, .*transaction is open at offset 200`),
      ) as string,
      lag: 5,
    });
  await expect.poll(() => registry.metrics()).toContain('oee_worker_lag_records{partition="0"} 5');

  const prometheus = await startPrometheus([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
  onTestFinished(() => prometheus.stop());
  const firing = async (name: string): Promise<string | undefined> => {
    const alert = (await prometheus.alerts()).find(
      ({ labels, state }) => labels["alertname"] === name && state === "firing",
    );
    return alert?.annotations["summary"];
  };
  expect(await until("OeePartitionStalled", () => firing("OeePartitionStalled"))).toMatch(
    /no progress \(transaction\)/,
  );
  expect(await until("OeeDeadLetters", () => firing("OeeDeadLetters"))).toMatch(/refused as invalid/);

  await transaction.commit();
  await until("a worker that goes on", () => (worker.status().ready && worker.status().lag === 0 ? true : undefined));
  await expect.poll(() => registry.metrics()).toContain('oee_worker_events_total{type="count"} 5');
  await until("no alert for it", async () => ((await firing("OeePartitionStalled")) === undefined ? true : undefined));
});
