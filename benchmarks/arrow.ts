/**
 * Processor time that an event costs the worker, from a record's bytes to the decoded event with its original as JSON: for
 * Arrow streams of 1,000 events, as pyarrow writes them with and without dictionaries, for JSON arrays of 100 of the same
 * events, and for Arrow where each row becomes an object first.
 *
 *     npx tsx -C @oee/source benchmarks/arrow.ts
 */
import { loadavg } from "node:os";
import { type AppendRecord, openMemoryLog, type RecordBatch, topics } from "@oee/event-log";
import { EventDecoder, isRefusal, parsePlant } from "@oee/model";
import {
  Dictionary,
  Int32,
  Int64,
  RecordBatchReader,
  Table,
  tableToIPC,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { arrowEventRows } from "../services/worker/src/arrow-events/arrow-rows.ts";
import { ARROW_CONTENT_TYPE, decodeBatch } from "../services/worker/src/decode-batch.ts";

const MACHINES = 1_000;
const EVENTS = 1_000;
const PASSES = 30;
const RUNS = 7;
const NOW = Date.UTC(2026, 2, 3);

const machines = Array.from({ length: MACHINES }, (_, i) => `m${i}: { idealCycleSeconds: 1.2 }`);
const plant = parsePlant(
  `enterprise: acme\nsites: { berlin: { areas: { packing: { lines: { l1: { machines: { ${machines.join(", ")} } } } } } } }`,
  "plant.yaml",
);
if (!plant.ok) throw new Error(JSON.stringify(plant.problems));
const decoder = new EventDecoder(plant.plant, { maxFutureMs: 300_000 });

interface CountOrState {
  readonly type: string;
  readonly machine: string;
  readonly at: number;
  readonly state?: string;
  readonly good?: number;
}

const events = Array.from(
  { length: EVENTS },
  (_, i): CountOrState => ({
    type: i % 10 === 0 ? "state" : "count",
    machine: `berlin/packing/l1/m${(i * 7919) % MACHINES}`,
    at: NOW - 86_400_000 + i * 4_000,
    ...(i % 10 === 0 ? { state: "running" } : { good: 1 + (i % 12) }),
  }),
);

function streamOf(text: () => Utf8 | Dictionary<Utf8>): Uint8Array {
  const texts = (values: readonly (string | null)[]) => vectorFromArray(values, text());
  return tableToIPC(
    new Table({
      type: texts(events.map(({ type }) => type)),
      machine: texts(events.map(({ machine }) => machine)),
      at: vectorFromArray(
        events.map(({ at }) => at),
        new TimestampMicrosecond(),
      ),
      state: texts(events.map(({ state }) => state ?? null)),
      good: vectorFromArray(
        events.map(({ good }) => (good === undefined ? null : BigInt(good))),
        new Int64(),
      ),
    }),
    "stream",
  );
}

async function batchOf(records: readonly Omit<AppendRecord, "key">[]): Promise<RecordBatch> {
  const log = openMemoryLog({ now: () => NOW });
  const { events: topic } = topics("oee.", 1);
  await log.ensureTopics([topic]);
  await log.append(
    topic.name,
    records.map((record) => ({ key: "k", ...record })),
  );
  return new Promise((resolve) => {
    log.followKeyed({ topic: topic.name, onBatch: resolve, onCaughtUp: () => undefined });
  });
}

let taken = 0;
function decode(batch: RecordBatch): void {
  decodeBatch(
    batch,
    decoder,
    NOW,
    () => taken++,
    ({ refusal }) => {
      throw new Error(refusal.detail);
    },
  );
}

function byObjects(stream: Uint8Array): void {
  const rows = [...RecordBatchReader.from(stream)].flatMap((batch) => [...arrowEventRows(batch)]);
  for (const row of rows) {
    const event = decoder.decodeValue(row, NOW);
    const raw = Buffer.from(
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
    );
    if (isRefusal(event) || raw.length === 0) throw new Error("refused");
    taken++;
  }
}

const headers = { "content-type": ARROW_CONTENT_TYPE };
const plain = streamOf(() => new Utf8());
const words = streamOf(() => new Dictionary(new Utf8(), new Int32()));
const arrays = Array.from({ length: EVENTS / 100 }, (_, i) => ({
  value: Buffer.from(JSON.stringify(events.slice(100 * i, 100 * i + 100))),
}));
const batches = {
  "Arrow, texts": await batchOf([{ value: plain, headers }]),
  "Arrow, dictionaries": await batchOf([{ value: words, headers }]),
  "JSON, 100 events a record": await batchOf(arrays),
};
const cases: readonly (readonly [string, () => void])[] = [
  ...Object.entries(batches).map(([name, batch]) => [name, (): void => decode(batch)] as const),
  ["Arrow, texts, by objects", (): void => byObjects(plain)],
  ["Arrow, dictionaries, by objects", (): void => byObjects(words)],
];
const costs = new Map(cases.map(([name]) => [name, [] as number[]]));
// The cases take turns, so that other work of the machine affects all of them; the first turn warms up.
for (let run = 0; run <= RUNS; run++) {
  for (const [name, pass] of cases) {
    taken = 0;
    const began = process.cpuUsage();
    for (let i = 0; i < PASSES; i++) pass();
    const { user, system } = process.cpuUsage(began);
    if (taken !== EVENTS * PASSES) throw new Error(`${name}: ${taken} taken`);
    if (run > 0) costs.get(name)?.push(((user + system) * 1000) / taken);
  }
}
console.log(
  `Node ${process.version}; CPU ns an event, median of ${RUNS} (least to most); load ${loadavg()[0]?.toFixed(0)}`,
);
for (const [name, runs] of costs) {
  runs.sort((a, b) => a - b);
  const [least, median, most] = [0, RUNS >> 1, RUNS - 1].map((i) => Math.round(runs[i] ?? 0));
  console.log(`${name.padEnd(34)} ${String(median).padStart(6)}   (${least} to ${most})`);
}
process.exit(0);
