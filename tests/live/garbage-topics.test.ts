/**
 * Garbage on every topic of a real Kafka, against a worker and a gateway, while they run and when they start again: bytes that are
 * no text, empty values, JSON of other shapes, large records, under keys that nobody knows and under those of real records.
 * Nothing stops, events that are valid count once, and garbage among events is in the dead letters and in a metric.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { allTopics, type TopicSpec, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import type { Element } from "@oee/model";
import type { LiveElement } from "@oee/protocol";
import { expect, test } from "vitest";
import { getJson, oeeOutput, postLines, type Served, until } from "./oee-process.ts";
import { onKafka } from "./on-kafka.ts";

const MINUTE_MS = 60_000;
const MACHINES = ["s/a/l/m", "s/a/l/n"];
const FROM = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;
const TO = FROM + 40 * MINUTE_MS;

const kafka = onKafka();
const { folder } = kafka;

/** Values that are garbage on every topic. */
const GARBAGE: readonly Buffer[] = [
  randomBytes(300),
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.alloc(0),
  ...["{", "[", "null", "3", '"text"', "[[]]", "{}", '{"a":1}', '{"type":"state"}', '{"partitions":"many"}'].map(
    (text) => Buffer.from(text),
  ),
  Buffer.from(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
];
/** Records under keys that a topic knows, that look like its own and lack what these have. */
const LOOK_ALIKE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  live: [
    ["s/a/l/m", '{"kind":"machine","machine":"s/a/l/m","now":9000000000000000}'],
    ["s/a/l/n", '{"kind":"machine","machine":"s/a/l/n","windows":[]}'],
    ["s/a/l/m#timeline", '{"kind":"timeline","machine":"s/a/l/m","segments":3}'],
  ],
  shown: [
    ["gateway/0", '{"machines":["s/a/l/m",3]}'],
    ["gateway/1", '{"machines":["no/such/one/__proto__"]}'],
  ],
  access: ["session", "token", "person", "pairing", "try", "ended"].map((kind) => [`${kind}/x`, '{"a":1}']),
  messages: [["k", '{"key":"k","state":"sent"}']],
  entries: [["target/x", '{"type":"target","id":"x","rev":1,"scope":3}']],
};
/** Some bytes of a record are its key, headers and framing. */
const FRAMING = 4_096;

/** As large as the topic takes. */
function largeOf({ recordBytesMax }: TopicSpec): readonly Buffer[] {
  const large = recordBytesMax - FRAMING;
  return [Buffer.alloc(large, "x"), Buffer.from(JSON.stringify({ a: "y".repeat(large - 10) }))];
}

/** The sum of a metric's series, or of those that have a label. */
async function metricOf({ url }: Served, name: string, label = ""): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  const series = lines.filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

test("garbage on each topic stops nothing, loses nothing, and is told", async () => {
  const plant = folder.path("plant.yaml");
  writeFileSync(
    plant,
    "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 1 } } } } } } } }\n",
  );
  const prefix = `garbage-${process.pid}.`;
  const of = topics(prefix, 2);
  const common = ["--plant", plant, ...kafka.outside(prefix), "--partitions", "2"];
  const start = async (): Promise<readonly [Served, Served]> => [
    await kafka.start("gateway", ...common),
    await kafka.start("worker", ...common),
  ];
  const ready = (one: Served, what: string): Promise<true> =>
    until(`${what} to be ready`, async () =>
      (await fetch(`${one.url}/health/ready`)).status === 200 ? true : undefined,
    );
  let sent = 0;
  const send = async ({ url }: Served): Promise<void> => {
    const minute = sent++ * 5;
    const events = MACHINES.flatMap((machine) => [
      { type: "state", machine, at: FROM + minute * MINUTE_MS, state: "running" },
      { type: "count", machine, at: FROM + (minute + 1) * MINUTE_MS, good: 7 },
    ]);
    const { status } = await postLines(
      url,
      events.map((event) => JSON.stringify(event)),
    );
    expect(status).toBe(202);
  };
  const counted = ({ url }: Served): Promise<true> =>
    until(`${sent} times 7 of each machine`, async () => {
      for (const machine of MACHINES) {
        const { body } = await getJson<Element[]>(url, `/api/v1/kpis?scope=${machine}&from=${FROM}&to=${TO}`);
        if (body[0]?.components.goodCount !== 7 * sent) return undefined;
        const live = (await getJson<{ elements: LiveElement[] }>(url, `/api/v1/live?scope=${machine}`)).body
          .elements[0];
        if (live?.machine?.lastEventAt !== FROM + (sent * 5 - 4) * MINUTE_MS) return undefined;
      }
      return true;
    });

  let [gateway, worker] = await start();
  await ready(gateway, "the gateway");
  await ready(worker, "the worker");
  await send(gateway);
  await counted(gateway);

  const log = openKafkaLog({ client: { clientId: "garbage", brokers: [...kafka.broker.brokers] } });
  // So that the log knows how large a record each topic takes.
  await log.ensureTopics(allTopics(of));
  for (const topic of allTopics(of)) {
    for (const key of ["nobody/knows", ...MACHINES]) {
      await log.append(
        topic.name,
        GARBAGE.map((value) => ({ key, value })),
      );
    }
    for (const value of largeOf(topic)) await log.append(topic.name, [{ key: "nobody/knows", value }]);
    for (const [key, text] of LOOK_ALIKE[topic.name.slice(prefix.length)] ?? []) {
      await log.append(topic.name, [{ key, value: Buffer.from(text) }]);
    }
  }
  await send(gateway);
  await counted(gateway);
  await ready(gateway, "the gateway beside garbage");
  await ready(worker, "the worker beside garbage");
  expect(await metricOf(worker, "oee_worker_dead_letters_total")).toBeGreaterThan(0);
  expect(await metricOf(gateway, "oee_gateway_records_passed_over_total", 'topic="live"')).toBeGreaterThan(0);
  expect(await oeeOutput(["dead-letters", ...common.slice(2)])).not.toBe("");

  // Killed, so that all of it is read again from the topics.
  await Promise.all([gateway.end("SIGKILL"), worker.end("SIGKILL")]);
  [gateway, worker] = await start();
  await ready(gateway, "a gateway that started on garbage");
  await ready(worker, "a worker that started on garbage");
  await send(gateway);
  await counted(gateway);

  // The keys of real records: what they said is gone, and is known from elsewhere.
  for (const topic of [of.live, of.checkpoints, of.access]) {
    for (const [key] of await log.readKeyed(topic.name)) {
      await log.append(
        topic.name,
        GARBAGE.map((value) => ({ key, value })),
      );
    }
  }
  await send(gateway);
  await counted(gateway);
  await Promise.all([gateway.end("SIGKILL"), worker.end("SIGKILL")]);
  [gateway, worker] = await start();
  await ready(worker, "a worker whose checkpoints are garbage");
  await send(gateway);
  await counted(gateway);
  await log.close();
});
