/**
 * A quarter of minute rows: how long its sums take by machine and day and by line and week, through the product's own way
 * (`Store.sums`, then `GET /kpis` of a gateway) and by SQL written by hand on the same table in the same run, and what each
 * column takes on disk.
 *
 *     npx tsx -C @oee/source benchmarks/quarter.ts [machines, 200] [folder]
 *
 * With a folder the data stay there and are used again. 1,000 machines have 132 million minute rows. They are made by a SELECT
 * with the table's own order and codecs: counts that scatter, stops and minor stops that begin at any millisecond, products
 * that change about every 20 hours, three shifts from Monday to Saturday, versions as a worker counts them up.
 */
import { get } from "node:http";
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { COMPONENT_NAMES, type ComponentName } from "@oee/model";
import { createChdbConnection } from "chdb/connection";
import { columnOf } from "../packages/store/src/component-columns.ts";
import type { Transport } from "../packages/store/src/transport.ts";
import { dayStartsIn } from "../services/gateway/src/answers/local-days.ts";
import { openStoredPlant, sumAllDays } from "./stored.ts";

const machineCount = Number(process.argv[2] ?? 200);
const DAY = 86_400_000;
const WEEK_MINUTES = 7 * 1440;
const MACHINES_PER_LINE = 10;
const LINES_PER_SITE = 25;
const ROUNDS = 3;
/** 2026-07-01 and 2026-10-01 in Berlin: 92 days. */
const [START, END] = [Date.UTC(2026, 5, 30, 22), Date.UTC(2026, 8, 30, 22)];
const NOW = END + 3 * 3_600_000;
const MINUTES = (END - START) / 60_000;
const QUARTER = `from=${new Date(START).toISOString()}&to=${new Date(END).toISOString()}`;
const MACHINE_DAYS = (machineCount * (END - START)) / DAY;

interface Line {
  readonly site: string;
  readonly line: string;
  readonly machines: readonly string[];
}

const lines: readonly Line[] = Array.from({ length: Math.ceil(machineCount / MACHINES_PER_LINE) }, (_, i) => ({
  site: `s${Math.floor(i / LINES_PER_SITE)}`,
  line: `l${i % LINES_PER_SITE}`,
  machines: Array.from(
    { length: Math.min(MACHINES_PER_LINE, machineCount - i * MACHINES_PER_LINE) },
    (__, j) => `m${j}`,
  ),
}));
const ids = lines.flatMap(({ site, line, machines }) => machines.map((name) => `${site}/hall/${line}/${name}`));
const sites = [...new Set(lines.map(({ site }) => site))];

function plantText(): string {
  const texts = sites.map((site) => {
    const own = lines
      .filter((line) => line.site === site)
      .map(({ line, machines }) => {
        const rates = "{ idealCycleSeconds: 1.2, costPerHour: 60 }";
        return `${line}: { machines: { ${machines.map((name) => `${name}: ${rates}`).join(", ")} } }`;
      });
    return `${site}: { calendar: day, areas: { hall: { lines: { ${own.join(", ")} } } } }`;
  });
  return `enterprise: acme
timezone: Europe/Berlin
currency: EUR
calendars:
  day:
    shifts:
      - { name: early, days: mon-sat, start: "06:00", end: "14:00" }
      - { name: late, days: mon-sat, start: "14:00", end: "22:00" }
      - { name: night, days: mon-sat, start: "22:00", end: "06:00" }
sites: { ${texts.join(", ")} }
`;
}

/**
 * The rows of minutes in a span (minutes since the start): `i` is the machine, `n` the minute. A machine stops once in each slot
 * of two hours for one to 20 minutes, and in half of the slots of 20 minutes for 5 to 60 s.
 */
function rowsSql(first: number, end: number): string {
  const names = `[${ids.map((id) => `'${id}'`).join(",")}]`;
  const overlap = (from: string, to: string): string => `greatest(0, least(ms + 60000, ${to}) - greatest(ms, ${from}))`;
  const slot = (name: string, minutes: number, latest: number, shortest: number, longest: number): string =>
    `intDiv(n + i * 7, ${minutes}) AS ${name}_slot, cityHash64('${name}', i, ${name}_slot) AS ${name}_hash,
    (${name}_slot * ${minutes} - i * 7) * 60000 + toInt64(${name}_hash % ${latest}) AS ${name}_from,
    ${name}_from + ${shortest} + toInt64(intDiv(${name}_hash, 4294967296) % ${longest - shortest}) AS ${name}_to`;
  const values: Partial<Record<ComponentName, string>> = {
    runTime: "if(scheduled, 60000 - stopped - paused, 0)",
    minorStopTime: "if(scheduled, paused, 0)",
    unplannedStopTime: "if(scheduled, stopped, 0)",
    notPlannedTime: "if(scheduled, 0, 60000)",
    failureTime: "if(stop_hash % 3 = 0, unplanned_stop_time_ms, 0)",
    goodCount: "greatest(0, intDiv(run_time_ms * (rate * 2 + toInt64(bitCount(noise)) - 32), 120000) - scrap_count)",
    scrapCount: "toInt64(run_time_ms > 0 AND noise % 23 = 0)",
    idealTimeUs: "(good_count + scrap_count) * cycle",
    idealGoodTimeUs: "good_count * cycle",
    stopCount: "toInt64(scheduled AND stop_from >= ms AND stop_from < ms + 60000)",
    minorStopCount: "toInt64(scheduled AND paused > 0 AND minor_from >= ms)",
  };
  const order: ComponentName[] = ["runTime", "scrapCount", "unplannedStopTime", ...COMPONENT_NAMES];
  const components = [...new Set(order)].map((name) => `toInt64(${values[name] ?? 0}) AS ${columnOf(name)}`);
  return `SELECT arrayElement(${names}, i + 1) AS machine, toDateTime(${START / 1000} + n * 60, 'UTC') AS minute,
  concat('product-', toString(product_hash % 40)) AS product,
  if(NOT scheduled, '', multiIf(toHour(local) < 6 OR toHour(local) >= 22, 'night', toHour(local) < 14, 'early', 'late')) AS shift,
  if(NOT scheduled, '', toString(shift_day)) AS shift_date,
  ${components.join(", ")},
  if(i % 2 = 0, cycle + 300000, NULL) AS takt_us, toFloat64(30 + i % 7 * 10) AS cost_per_hour, 0 AS decimals,
  if(n < ${MINUTES / 2}, 'f3a1c6d2', '0b77e9aa') AS plant_version,
  bitShiftLeft(toUInt64(7), 40) + n * 20 + cityHash64(i, n, 'version') % 3 AS version, 0 AS deleted
FROM (SELECT i, n, n * 60000 AS ms, toDateTime(${START / 1000} + n * 60, 'Europe/Berlin') AS local,
    toDate(local - toIntervalHour(6)) AS shift_day, toDayOfWeek(shift_day) != 7 AS scheduled,
    cityHash64(i, n) AS noise, cityHash64(i, intDiv(n + i * 61, 1210)) AS product_hash,
    20 + i * 13 % 60 AS rate, intDiv(54000000, rate) + toInt64(product_hash % 7) * 12500 AS cycle,
    ${slot("stop", 120, 90 * 60_000, 60_000, 20 * 60_000)}, ${slot("minor", 20, 18 * 60_000, 5_000, 60_000)},
    ${overlap("stop_from", "stop_to")} AS stopped,
    if(stopped = 0 AND minor_hash % 2 = 0, ${overlap("minor_from", "minor_to")}, 0) AS paused
  FROM (SELECT toInt64(intDiv(number, ${end - first})) AS i, toInt64(${first} + number % ${end - first}) AS n
    FROM numbers(${(end - first) * machineCount})))`;
}

const KEYS = "machine, minute, product, shift, shift_date";
const COLUMNS = `${KEYS}, ${COMPONENT_NAMES.map(columnOf).join(", ")}, takt_us, cost_per_hour, decimals, plant_version, version, deleted`;

async function fill(transport: Transport): Promise<void> {
  for (let first = 0; first < MINUTES; first += WEEK_MINUTES) {
    await transport.command(`INSERT INTO oee.kpi_minutes (${COLUMNS})
SELECT ${COLUMNS} FROM (${rowsSql(first, Math.min(first + WEEK_MINUTES, MINUTES))})
SETTINGS max_partitions_per_insert_block = 100`);
  }
  // What ClickHouse does with a month that has rested for an hour.
  await transport.command("OPTIMIZE TABLE oee.kpi_minutes FINAL");
}

const stored = await openStoredPlant({
  ...{ plantText: plantText(), folder: process.argv[3], now: NOW, rows: machineCount * MINUTES },
  fill,
});
const { plant, store, base, isFilled } = stored;
/** On a connection of its own, as the store has several. */
const byHand = createClient({
  // chdb is typed against another copy of the same interface.
  connection: createChdbConnection({ path: stored.clickhouse }) as never,
  log: { level: ClickHouseLogLevel.OFF },
});
const days = dayStartsIn(plant.timezone, 0, { from: START, to: END });
const periods = days.slice(1).map((to, i) => ({ from: days[i] ?? 0, to }));

interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}

type Ways = Readonly<Record<string, () => Promise<unknown>>>;

/** Asks each way in turn, some times, the first of which finds nothing in memory; tells the ratio of each to the last by median processor time. */
async function inTurn(what: string, rounds: number, ways: Ways): Promise<void> {
  const costs = new Map<string, Cost[]>(Object.keys(ways).map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [way, work] of Object.entries(ways)) costs.get(way)?.push(await costOf(work));
  }
  const medianOf = (found: readonly Cost[]): number =>
    found.map(({ cpuMs }) => cpuMs).toSorted((a, b) => a - b)[found.length >> 1] ?? 0;
  const last = medianOf([...costs.values()].at(-1) ?? []);
  console.log(`${what}, load average ${loadavg()[0]?.toFixed(1)}`);
  for (const [way, found] of costs) {
    const [clock, cpu] = [(one: Cost) => one.ms, (one: Cost) => one.cpuMs].map((of) =>
      found.map((one) => of(one).toFixed(0).padStart(6)).join(" "),
    );
    console.log(
      `  ${way.padEnd(42)} ${clock} ms   processor time ${cpu} ms   ${(medianOf(found) / last).toFixed(2)} x`,
    );
  }
}

/** A GET whose answer is read and thrown away; rejects unless it is a 200. */
function drained(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(base + path, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
      response.on("end", resolve).on("error", reject).resume();
    }).on("error", reject);
  });
}

/** An answer has at most 50,000 elements, so that a quarter of 1,000 machines by day is asked site by site. */
async function bySite(query: string): Promise<void> {
  for (const site of sites) await drained(`/kpis?scope=${site}&${query}&${QUARTER}`);
}

async function rowsOf(sql: string): Promise<readonly (readonly unknown[])[]> {
  // As the store asks: one thread for a query on two cores, and no key of one month in another.
  const query = `${sql} SETTINGS max_threads = 1, do_not_merge_across_partitions_select_final = 1`;
  return (await byHand.query({ query, format: "JSONCompactEachRow" })).json();
}

const ALL = COMPONENT_NAMES.map((name) => `sum(${columnOf(name)})`).join(", ");
const OEE =
  "sum(ideal_good_time_us) / 1000 / nullIf(sum(run_time_ms + minor_stop_time_ms + unplanned_stop_time_ms + setup_time_ms + planned_stop_time_ms), 0)";
const BY_DAY = "machine, toDate(minute, 'Europe/Berlin')";
const BY_WEEK =
  "substring(machine, 1, length(machine) - position(reverse(machine), '/')), toMonday(minute, 'Europe/Berlin')";
const handSql = (sums: string, keys: string, final = "FINAL"): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(`SELECT ${keys}, ${sums} FROM oee.kpi_minutes ${final}
WHERE minute >= toDateTime(${START / 1000}, 'UTC') AND minute < toDateTime(${END / 1000}, 'UTC') GROUP BY ${keys} ORDER BY ${keys}`);
const sumsByDay = (): ReturnType<typeof store.sums> => store.sums({ machines: ids, periods, by: ["machine"], days });

async function compare(what: string, rounds: number): Promise<void> {
  await inTurn(`by machine and day, ${what}`, rounds, {
    "Store.sums": sumsByDay,
    "GET /kpis, site by site": () => bySite("by=machine&every=day"),
    "by hand without FINAL, all components": () => handSql(ALL, BY_DAY, ""),
    "by hand with FINAL, OEE alone": () => handSql(OEE, BY_DAY),
    "by hand with FINAL, all components": () => handSql(ALL, BY_DAY),
  });
  await inTurn(`by line and week, ${what}`, rounds, {
    "GET /kpis": () => drained(`/kpis?by=line&every=week&${QUARTER}`),
    "by hand with FINAL, all components": () => handSql(ALL, BY_WEEK),
  });
}

/** Throws unless the store's sums by machine and day come to those of SQL. */
async function checkSums(): Promise<void> {
  const totals = COMPONENT_NAMES.map(() => 0n);
  const { rows } = await sumsByDay();
  for (let i = 0; i < rows.length * totals.length; i++) {
    const place = i % totals.length;
    totals[place] = (totals[place] ?? 0n) + BigInt(rows.values[i] ?? 0);
  }
  const [found = []] =
    await rowsOf(`SELECT ${COMPONENT_NAMES.map((name) => `toString(sum(${columnOf(name)}))`).join(", ")} FROM oee.kpi_minutes FINAL
WHERE minute >= toDateTime(${START / 1000}, 'UTC') AND minute < toDateTime(${END / 1000}, 'UTC')`);
  if (totals.join() !== found.join()) throw new Error(`sums are ${totals.join()}, those of SQL ${found.join()}`);
}

async function tellSizes(): Promise<void> {
  const perDay = (bytes: unknown): string => (Number(bytes) / MACHINE_DAYS).toFixed(0).padStart(7);
  const tables = await rowsOf(`SELECT table, sum(bytes_on_disk) FROM system.parts
WHERE database = 'oee' AND active AND table LIKE 'kpi_%' GROUP BY table ORDER BY table`);
  for (const [table, bytes] of tables)
    console.log(`${String(table).padEnd(28)} ${perDay(bytes)} bytes a machine and day`);
  const columns = await rowsOf(`SELECT column, sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns
WHERE database = 'oee' AND active AND table = 'kpi_minutes' GROUP BY column ORDER BY bytes DESC`);
  for (const [column, bytes] of columns) console.log(`  ${String(column).padEnd(26)} ${perDay(bytes)}`);
}

try {
  await tellSizes();
  if (!isFilled) {
    await compare("days not summed", 1);
    // Of days that were written in the last minute no sums are made.
    await pause(61_000);
  }
  let summed = 0;
  const { ms, cpuMs } = await costOf(async () => {
    summed = await sumAllDays(store, ids, days);
  });
  console.log(`summed ${summed} days of machines in ${ms.toFixed(0)} ms, processor time ${cpuMs.toFixed(0)} ms`);
  await compare("days summed", ROUNDS);
  await checkSums();
} finally {
  await byHand.close();
  await stored.close();
}
