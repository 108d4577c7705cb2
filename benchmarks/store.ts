/**
 * Measures the embedded store: inserts of minute rows, the quarterly review of a hundred machines by day, and how long a heavy
 * query holds up the event loop and other answers.
 * Run: npx tsx -C @oee/source benchmarks/store.ts [machines] [days]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { emptyRow, type Row } from "@oee/model";
import { openStore, type Store } from "@oee/store";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const START = Date.UTC(2026, 0, 1);
const BATCH = 100_000;

const [machineCount = 100, dayCount = 92] = process.argv.slice(2).map(Number);

/** The rows of all machines in a span, minute by minute as a worker inserts them: mostly production, some stops, two products. */
function rowsOf(machines: readonly string[], from: number, to: number): Row[] {
  const rows: Row[] = [];
  for (let minute = from; minute < to; minute += MINUTE) {
    const hour = Math.floor(minute / (60 * MINUTE)) % 24;
    const shift = hour < 6 || hour >= 22 ? "night" : hour < 14 ? "early" : "late";
    const shiftDate = new Date(minute).toISOString().slice(0, 10);
    machines.forEach((machine, i) => {
      const stopped = (minute / MINUTE + i * 37) % 97 < 9;
      const good = stopped ? 0 : 40 + ((minute / MINUTE + i) % 11);
      const head = {
        ...{ machine, product: i % 2 === 0 ? "cola-600" : "water-1000", shift, shiftDate },
        ...{ taktUs: 1_500_000, costPerHour: 1800, decimals: 0 },
      };
      rows.push({
        ...emptyRow(head, minute),
        ...(stopped ? { unplannedStopTime: 60_000, failureTime: 60_000 } : { runTime: 60_000 }),
        goodCount: good,
        scrapCount: good % 17 === 0 ? 1 : 0,
        idealTimeUs: good * 1_200_000,
        idealGoodTimeUs: good * 1_200_000,
      });
    });
  }
  return rows;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const before = performance.now();
  const cpuBefore = process.cpuUsage();
  const result = await work();
  const ms = performance.now() - before;
  const cpu = process.cpuUsage(cpuBefore);
  delay.disable();
  const loop = `event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`;
  const cpuMs = ((cpu.user + cpu.system) / 1000).toFixed(0);
  console.log(`${what.padEnd(50)} ${ms.toFixed(0).padStart(6)} ms   CPU ${cpuMs.padStart(6)} ms   ${loop}`);
  return result;
}

async function fill(store: Store, machines: readonly string[]): Promise<void> {
  const minutesPerBatch = Math.max(1, Math.floor(BATCH / machines.length));
  let rowCount = 0;
  let insertMs = 0;
  let insertCpuUs = 0;
  for (let from = START; from < START + dayCount * DAY; from += minutesPerBatch * MINUTE) {
    const rows = rowsOf(machines, from, Math.min(from + minutesPerBatch * MINUTE, START + dayCount * DAY));
    const before = performance.now();
    const cpuBefore = process.cpuUsage();
    await store.insertRows(rows, { version: 1n, plantVersion: "benchmark" });
    insertMs += performance.now() - before;
    const cpu = process.cpuUsage(cpuBefore);
    insertCpuUs += cpu.user + cpu.system;
    rowCount += rows.length;
  }
  const rate = (rowCount / insertMs).toFixed(0);
  const cpu = (insertCpuUs / rowCount).toFixed(1);
  console.log(
    `inserted ${rowCount} rows of 29 columns: ${rate} k rows/s on disk, ${cpu} µs of CPU a row, merges included`,
  );
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "oee-benchmark-store-"));
  const store = await openStore({ embedded: { path: folder } });
  try {
    await store.migrate();
    const machines = Array.from({ length: machineCount }, (_, i) => `berlin/hall-${i % 4}/line-${i % 20}/machine-${i}`);
    await fill(store, machines);

    await timed("nothing, to compare the event loop with", () => pause(2_000));
    const one = rowsOf(machines, START + dayCount * DAY, START + dayCount * DAY + MINUTE);
    await timed(`insert of one minute (${one.length} rows)`, () =>
      store.insertRows(one, { version: 2n, plantVersion: "b" }),
    );

    const days = Array.from({ length: dayCount }, (_, i) => ({ from: START + i * DAY, to: START + (i + 1) * DAY }));
    const quarter = [{ from: START, to: START + dayCount * DAY }];
    const under = { under: "berlin" };
    for (const round of ["cold", "warm"]) {
      await timed(`${dayCount} days of each machine (${round})`, () =>
        store.sums({ machines: under, periods: days, by: ["machine"] }),
      );
      await timed(`${dayCount} days of the site (${round})`, () =>
        store.sums({ machines: under, periods: days, by: [] }),
      );
    }
    await timed("the span of each machine and product", () =>
      store.sums({ machines: under, periods: quarter, by: ["machine", "product"] }),
    );
    await timed("the last 8 h of one machine by hour", () =>
      store.sums({
        machines: machines.slice(0, 1),
        periods: Array.from({ length: 8 }, (_, i) => ({
          from: START + i * 60 * MINUTE,
          to: START + (i + 1) * 60 * MINUTE,
        })),
        by: [],
      }),
    );
    await timed("an insert of one minute while the days are summed", async () => {
      const heavy = store.sums({ machines: under, periods: days, by: ["machine", "shift"] });
      const before = performance.now();
      await store.insertRows(one, { version: 3n, plantVersion: "b" });
      console.log(`  the insert took ${(performance.now() - before).toFixed(0)} ms`);
      await heavy;
    });
    console.log(`memory of the process: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
