/**
 * What inserts cost the embedded ClickHouse, as a worker makes them: 200,000 raw events of 10,000 machines, of each 20 that follow one
 * another, and 100,000 minute rows of them. Processor time of the whole process (encoding, spool file, ClickHouse's threads) an event
 * and a row: alone, into an empty table while merges are stopped, and with all merges of eight inserts.
 * Run: npx tsx -C @oee/source benchmarks/inserts.ts [rounds, 7]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createChdbConnection } from "chdb/connection";
import { PLACE, RowBatch, type RowHead, WIDTH } from "@oee/model";
import { EventBatch, openStore, type Store } from "@oee/store";
import { spreadOf } from "./peers/stage.ts";

const EVENTS = 200_000;
const ROWS = 100_000;
const MACHINES = 10_000;
const INSERTS = 8;
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 28, 8);
/** Merging is over when the process rests for so long. */
const QUIET_MS = 500;

const rounds = Number(process.argv[2] ?? 7);
const machines = Array.from({ length: MACHINES }, (_, m) => `load/a${m % 10}/l${m % 100}/m${m}`);

/** One count a second and machine, in the order of machines, as a worker that catches up has them. */
function events(turn: number): EventBatch {
  const batch = new EventBatch(EVENTS);
  const each = EVENTS / MACHINES;
  for (let i = 0; i < EVENTS; i++) {
    const m = Math.floor(i / each);
    const machine = machines[m] as string;
    const at = START + (turn * each + (i % each)) * 1000;
    const text = `{"type":"count","machine":"${machine}","at":"${new Date(at).toISOString()}","good":${i % 5}}`;
    const raw = Buffer.from(text);
    const place = { topic: "oee.events", partition: m % 8, offset: turn * EVENTS + i, index: 0 };
    batch.add(
      { machine, type: "count", at, ...place, receivedAt: at + 5, id: null, repeat: false },
      raw,
      0,
      raw.length,
    );
  }
  return batch;
}

/** Ten minutes of each machine: mostly production, one of two products. */
function rows(turn: number): RowBatch {
  const batch = new RowBatch(ROWS);
  const each = ROWS / MACHINES;
  for (const [m, machine] of machines.entries()) {
    const product = m % 2 === 0 ? "cola-600" : "water-1000";
    const place = { machine, product, shift: "early", shiftDate: "2026-11-28" };
    const head: RowHead = { ...place, taktUs: 1_500_000, costPerHour: 60, decimals: 0 };
    for (let k = 0; k < each; k++) {
      const at = batch.addRow(head, START + (turn * each + k) * MINUTE, new Float64Array(WIDTH), 0) * WIDTH;
      const stopped = (turn + k + m) % 97 < 9;
      if (stopped) batch.values[at + PLACE.unplannedStopTime] = MINUTE;
      else {
        batch.values[at + PLACE.runTime] = MINUTE;
        batch.values[at + PLACE.goodCount] = 40 + (m % 11);
        batch.values[at + PLACE.idealTimeUs] = (40 + (m % 11)) * 1_200_000;
        batch.values[at + PLACE.idealGoodTimeUs] = (40 + (m % 11)) * 1_200_000;
      }
    }
  }
  return batch;
}

const used = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Resolves when hardly anything is computed any more; answers the processor time (µs) at that point. */
async function quiet(): Promise<number> {
  for (let before = used(); ; ) {
    await pause(QUIET_MS);
    const now = used();
    if (now - before < QUIET_MS * 20) return before;
    before = now;
  }
}

interface Case {
  readonly name: string;
  readonly table: string;
  readonly records: number;
  readonly inserts: readonly (() => Promise<void>)[];
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "oee-benchmark-inserts-"));
  const store: Store = await openStore({ embedded: { path: folder } });
  const engine = createChdbConnection({ path: join(folder, "clickhouse") });
  const run = async (query: string): Promise<void> => void (await engine.command({ query }));
  try {
    await store.migrate();
    const batches = Array.from({ length: INSERTS }, (_, turn) => ({ events: events(turn), rows: rows(turn) }));
    const stamp = { version: 1n, plantVersion: "benchmark" };
    const cases: readonly Case[] = [
      {
        name: "event",
        table: "events",
        records: EVENTS,
        inserts: batches.map((one) => () => store.insertEvents(one.events)),
      },
      {
        name: "row",
        table: "kpi_minutes",
        records: ROWS,
        inserts: batches.map((one) => () => store.insertRows(one.rows, stamp)),
      },
    ];
    const costs = new Map<string, number[]>();
    const note = (name: string, ns: number): void => void costs.set(name, [...(costs.get(name) ?? []), ns]);
    // The first round compiles and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const { name, table, records, inserts } of cases) {
        await run(`TRUNCATE TABLE oee.${table}`);
        await run("SYSTEM STOP MERGES");
        let before = await quiet();
        await inserts[0]?.();
        const alone = ((used() - before) * 1000) / records;
        await run(`TRUNCATE TABLE oee.${table}`);
        await run("SYSTEM START MERGES");
        before = await quiet();
        for (const insert of inserts) await insert();
        const merged = (((await quiet()) - before) * 1000) / records / INSERTS;
        if (round === 0) continue;
        note(`${name} alone, ns`, alone);
        note(`${name} with merges, ns`, merged);
      }
    }
    for (const [name, all] of costs) {
      const { least, middle, most } = spreadOf(all);
      console.log(`${name.padEnd(24)} ${middle.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`);
    }
    const { rss, external } = process.memoryUsage();
    console.log(
      `memory: ${(rss / 2 ** 20).toFixed(0)} MiB, outside of V8's heap ${(external / 2 ** 20).toFixed(0)}; load ${loadavg()[0]?.toFixed(0)}`,
    );
  } finally {
    await store.close();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
