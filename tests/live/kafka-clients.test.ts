/**
 * Unmodified producers in other languages: every client, codec and outcome of a transaction, with two workers on a real Kafka. The
 * numbers are those of `oee replay` of the committed events, and no record is refused or unreadable.
 * `OEE_KAFKA_CLIENTS=all` tries all clients and open transactions too (needs Go); otherwise those in Python.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { batchHeaders } from "../../packages/event-log/src/record-decoding.ts";
import { type Client, CLIENTS, send } from "../kafka/clients/clients.ts";
import { instant } from "./history.ts";
import { getJson, oeeOutput, until } from "./oee-process.ts";
import { onKafka } from "./on-kafka.ts";
import { replay, untilInEffect } from "./same-numbers.ts";

const ALL = process.env["OEE_KAFKA_CLIENTS"] === "all";
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
const MODES = ALL ? (["plain", "commit", "abort", "open"] as const) : (["plain", "commit", "abort"] as const);
const MINUTE_MS = 60_000;
const PARTITIONS = 4;

const kafka = onKafka();
const { folder } = kafka;

interface Case {
  readonly name: string;
  readonly codec: string;
  readonly mode: string;
  readonly machine: string;
}

function casesOf(client: Client): Case[] {
  const modes = client === "kafka-go" ? (["plain"] as const) : MODES;
  return CODECS.flatMap((codec) =>
    modes.map((mode) => {
      const name = `${client}-${codec}-${mode}`;
      return { name, codec, mode, machine: `s/a/l/${name}` };
    }),
  );
}

/** Events of a machine that runs and counts every half minute. */
function eventsOf(machine: string, from: number, to: number): object[] {
  const events: object[] = [{ type: "state", machine, at: from, state: "running", id: "running" }];
  for (let at = from, n = 1; at < to; at += MINUTE_MS / 2, n += 1) {
    events.push({ type: "count", machine, at, good: (n % 7) + 1, scrap: n % 3, id: `count-${n}` });
  }
  return events;
}

/** Events of a transaction that is aborted, which must not be in any number. */
function decoysOf(machine: string, from: number): object[] {
  return Array.from({ length: 20 }, (_, n) => ({
    type: "count",
    machine,
    at: from + n,
    good: 1_000,
    id: `decoy-${n}`,
  }));
}

function linesOf(kind: "D" | "E", machine: string, events: readonly object[]): string[] {
  return events.map((event) => `${kind}\t${machine}\t${JSON.stringify(event)}`);
}

/** The codecs of all batches that the broker keeps of a topic. */
function codecsOnDisk(data: string, topic: string): Set<number> {
  const codecs = new Set<number>();
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const of = join(data, `${topic}-${partition}`);
    for (const name of readdirSync(of).filter((each) => each.endsWith(".log"))) {
      for (const { compression, control } of batchHeaders(readFileSync(join(of, name)))) {
        if (!control) codecs.add(compression);
      }
    }
  }
  return codecs;
}

test(`P-5: ${ALL ? "all clients" : "clients in Python"}, all codecs, committed and aborted transactions: the numbers are those of a replay`, async () => {
  const clients = ALL ? CLIENTS : (["librdkafka", "aiokafka"] as const);
  const cases = clients.flatMap((client) => casesOf(client).map((of) => ({ client, ...of })));
  const to = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 2 * MINUTE_MS;
  const from = to - 10 * MINUTE_MS;

  const files = { plant: folder.path("plant.yaml"), events: folder.path("events.ndjson") };
  const machines = cases.map(({ name }) => `${name}: { idealCycleSeconds: 1 }`).join(", ");
  writeFileSync(
    files.plant,
    `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${machines} } } } } } } }\n`,
  );
  const counting = cases.flatMap(({ machine }) => eventsOf(machine, from, to));
  writeFileSync(files.events, counting.map((event) => `${JSON.stringify(event)}\n`).join(""));

  const prefix = `clients-${process.pid}.`;
  const outside = kafka.outside(prefix);
  const common = ["--plant", files.plant, ...outside, "--partitions", String(PARTITIONS)];
  const [gateway, ...workers] = await Promise.all(
    ["gateway", "worker", "worker"].map((part) => kafka.start(part, ...common)),
  );
  if (gateway === undefined) throw new Error("no gateway");
  interface Status {
    readonly ready: boolean;
    readonly partitions: number;
  }
  const statuses = async (): Promise<Status[]> =>
    Promise.all(workers.map(async ({ url }) => (await getJson<Status>(url, "/health/ready")).body));
  await until("two workers with two partitions each", async () =>
    (await statuses()).every(({ partitions }) => partitions === PARTITIONS / 2) ? true : undefined,
  );

  const { brokers, data } = kafka.broker;
  const [address = ""] = brokers;
  const sent = await Promise.all(
    clients.map((client) => {
      const path = folder.path(`${client}.tsv`);
      const lines = casesOf(client).flatMap(({ name, codec, mode, machine }) => [
        `C\t${name}\t${codec}\t${mode}`,
        ...linesOf("D", machine, decoysOf(machine, from)),
        ...linesOf("E", machine, eventsOf(machine, from, to)),
      ]);
      writeFileSync(path, lines.join("\n"));
      return send(client, address, `${prefix}events`, path, folder.path("."));
    }),
  );
  await Promise.all(sent.map(({ letGo }) => letGo()));
  if (data !== null) expect(codecsOnDisk(data, `${prefix}events`)).toEqual(new Set([0, 1, 2, 3, 4]));

  const period = { from, to };
  await untilInEffect(gateway.url, files, period);
  const parameters = new URLSearchParams({ from: instant(from), to: instant(to), by: "machine" });
  const { body } = await getJson<unknown[]>(gateway.url, `/api/v1/kpis?${parameters.toString()}`);
  expect(body).toHaveLength(cases.length);
  expect(body).toEqual(await replay(files, period));

  expect(await oeeOutput(["dead-letters", ...outside])).toBe("");
  for (const { url } of workers) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const unreadable = metrics.split("\n").filter((line) => line.startsWith("oee_worker_unreadable_batches_total{"));
    expect(unreadable.map((line) => line.split(" ")[1])).toEqual(["0", "0", "0", "0"]);
  }
  await until("two workers that are ready", async () =>
    (await statuses()).every(({ ready }) => ready) ? true : undefined,
  );
});
