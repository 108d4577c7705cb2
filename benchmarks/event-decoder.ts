/**
 * Processor time of decoding an event: one event a record (alone, and within a batch, as a log is read), arrays of 100, and
 * NDJSON; compared with JSON.parse of the same bytes, which gives plain objects without checks, machines and instants.
 * Run: npx tsx -C @oee/source benchmarks/event-decoder.ts
 */
import { EventDecoder, isRefusal, NdjsonSplitter, parsePlant } from "@oee/model";

const MACHINES = 1000;
const EVENTS = 20_000;
const PASSES = 10;
const RUNS = 9;

const machines = Array.from({ length: MACHINES }, (_, i) => `m${i}: { idealCycleSeconds: 1.2, states: packml }`);
const plant = parsePlant(
  `enterprise: acme\nsites: { berlin: { areas: { packing: { lines: { l1: { machines: { ${machines.join(", ")} } } } } } } }`,
  "plant.yaml",
);
if (!plant.ok) throw new Error(JSON.stringify(plant.problems));
const decoder = new EventDecoder(plant.plant, { maxFutureMs: 300_000 });
const now = Date.UTC(2026, 2, 3);

const states = ["Execute", "idle", "Held", "down", "running"];
const lines = Array.from({ length: EVENTS }, (_, i) => {
  const machine = `berlin/packing/l1/m${(i * 7919) % MACHINES}`;
  const at = new Date(now - 86_400_000 + i * 4000).toISOString();
  switch (i % 10) {
    case 0:
    case 1:
    case 2:
      return JSON.stringify({ type: "state", machine, at, state: states[i % states.length] });
    case 3:
      return JSON.stringify({ type: "state", machine, at, state: "down", reason: "mechanical/conveyor/jam" });
    case 4:
      return JSON.stringify({ type: "count", machine, at, total: { good: 10_000 + i, scrap: i % 77 } });
    case 5:
      return JSON.stringify({ type: "count", machine, at, good: 12, scrap: 1, id: `c-${i}` });
    default:
      return JSON.stringify({ type: "count", machine, at, good: 1 + (i % 12), scrap: i % 2 });
  }
});
const encoder = new TextEncoder();
const records = lines.map((line) => encoder.encode(line));
const arrays = Array.from({ length: EVENTS / 100 }, (_, i) =>
  encoder.encode(`[${lines.slice(i * 100, i * 100 + 100).join(",")}]`),
);
const file = encoder.encode(`${lines.join("\n")}\n`);
const text = new TextDecoder();

let taken = 0;
let refused = 0;
const take = (): void => void taken++;
const refuse = (): void => void refused++;
const splitter = new NdjsonSplitter(
  (bytes, start, end) => void (isRefusal(decoder.decode(bytes, start, end, null)) ? refused++ : taken++),
  refuse,
);
const split = new NdjsonSplitter(take, refuse);
const CHUNK_BYTES = 65_536;

const cases: Readonly<Record<string, () => void>> = {
  "decode, one event a record": () => {
    for (const record of records) decoder.decodeRecord(record, now, take, refuse);
  },
  "decode, one event a record of a batch": () => {
    let start = 0;
    for (const record of records) {
      decoder.decodeRecord(file, now, take, refuse, start, start + record.length);
      start += record.length + 1;
    }
  },
  "decode, 100 events a record": () => {
    for (const array of arrays) decoder.decodeRecord(array, now, take, refuse);
  },
  "decode, NDJSON in chunks of 64 KiB": () => {
    for (let i = 0; i < file.length; i += CHUNK_BYTES) splitter.push(file.subarray(i, i + CHUNK_BYTES));
  },
  "split alone, NDJSON in chunks of 64 KiB": () => {
    for (let i = 0; i < file.length; i += CHUNK_BYTES) split.push(file.subarray(i, i + CHUNK_BYTES));
  },
  "careful path, one event a record": () => {
    for (const record of records) {
      if (isRefusal(decoder.decodeCarefully(record, 0, record.length, now))) refused++;
      else taken++;
    }
  },
  "JSON.parse, one event a record": () => {
    for (const record of records) if (typeof JSON.parse(text.decode(record)) === "object") taken++;
  },
  "JSON.parse, 100 events a record": () => {
    for (const array of arrays) {
      const events: unknown = JSON.parse(text.decode(array));
      if (Array.isArray(events)) taken += events.length;
    }
  },
};

console.log(
  `Node ${process.version}; ${EVENTS} events of ${Math.round(file.length / EVENTS)} bytes, ${MACHINES} machines`,
);
console.log(`CPU ns an event, of all threads: median of ${RUNS} runs of ${EVENTS * PASSES} events (least to most)`);
const costs = new Map(Object.keys(cases).map((name) => [name, [] as number[]]));
// The cases take turns, so that other work of the machine affects all of them; the first turn warms up.
for (let run = 0; run <= RUNS; run++) {
  for (const [name, pass] of Object.entries(cases)) {
    taken = 0;
    const started = process.cpuUsage();
    for (let i = 0; i < PASSES; i++) pass();
    const { user, system } = process.cpuUsage(started);
    if (refused > 0 || taken !== EVENTS * PASSES) throw new Error(`${name}: ${taken} taken, ${refused} refused`);
    if (run > 0) costs.get(name)?.push(((user + system) * 1000) / (EVENTS * PASSES));
  }
}
for (const [name, runs] of costs) {
  runs.sort((a, b) => a - b);
  const [least, median, most] = [0, RUNS >> 1, RUNS - 1].map((i) => Math.round(runs[i] ?? 0));
  console.log(`${name.padEnd(42)} ${String(median).padStart(6)}   (${least} to ${most})`);
}
