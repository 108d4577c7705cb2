/**
 * How long the desk waits for answers about a quarter of a whole plant: its review, Pareto and losses, and the desk's first
 * figures, asked over HTTP of a gateway before the embedded ClickHouse. Two quarters of minute rows, stops and state events are
 * written straight into the tables as a worker would write them: two products, eight stops a day and machine, three shifts.
 *
 *     npx tsx -C @oee/source benchmarks/review.ts [machines, 100] [minutes a row, 1] [folder]
 *
 * With a folder the data stay there and are used again. 1,000 machines have 262 million minute rows, which take long to write;
 * with a row an hour they have 4 million. Each question is asked three times; the first time nothing of it is cached.
 */
import { COMPONENT_NAMES } from "@oee/model";
import { columnOf } from "../packages/store/src/component-columns.ts";
import type { Transport } from "../packages/store/src/transport.ts";
import { dayStartsIn } from "../services/gateway/src/answers/local-days.ts";
import { openStoredPlant, sumAllDays } from "./stored.ts";

const machineCount = Number(process.argv[2] ?? 100);
/** Minutes of each row. */
const step = Number(process.argv[3] ?? 1);
const DAY = 86_400_000;
/** 2026-01-01 in Berlin, and the end of the second quarter. */
const [START, NOW] = [Date.UTC(2025, 11, 31, 23), Date.UTC(2026, 5, 30, 22)];
const MACHINES_PER_LINE = 10;
const STOPS_PER_DAY = 8;
const MINUTES = (NOW - START) / 60_000;

const lines = Array.from({ length: Math.ceil(machineCount / MACHINES_PER_LINE) }, (_, i) => ({
  area: `a${Math.floor(i / 10)}`,
  line: `l${i % 10}`,
  machines: Array.from(
    { length: Math.min(MACHINES_PER_LINE, machineCount - i * MACHINES_PER_LINE) },
    (__, j) => `m${j}`,
  ),
}));
const ids = lines.flatMap(({ area, line, machines }) => machines.map((name) => `berlin/${area}/${line}/${name}`));

function plantText(): string {
  const areas = [...new Set(lines.map(({ area }) => area))].map((area) => {
    const own = lines
      .filter((line) => line.area === area)
      .map(({ line, machines }) => {
        const rates = "{ idealCycleSeconds: 1.2, costPerHour: 60, class: one }";
        return `${line}: { machines: { ${machines.map((name) => `${name}: ${rates}`).join(", ")} } }`;
      });
    return `${area}: { lines: { ${own.join(", ")} } }`;
  });
  return `enterprise: acme
timezone: Europe/Berlin
currency: EUR
calendars:
  day:
    shifts:
      - { name: early, days: mon-sun, start: "06:00", end: "14:00" }
      - { name: late, days: mon-sun, start: "14:00", end: "22:00" }
      - { name: night, days: mon-sun, start: "22:00", end: "06:00" }
reasons: { mechanical: { failure: true, children: { jam: {} } }, electrical: { failure: true }, other: { vague: true } }
sites: { berlin: { calendar: day, areas: { ${areas.join(", ")} } } }
`;
}

/** Fills the tables by SELECTs of ClickHouse, in which `i` is the machine and `n` the minute since the start. */
async function fill(transport: Transport): Promise<void> {
  const names = `[${ids.map((id) => `'${id}'`).join(",")}]`;
  const values: Record<string, string> = {
    runTime: `if(stopped, 0, ${step * 60_000})`,
    unplannedStopTime: `if(stopped, ${step * 60_000}, 0)`,
    failureTime: "unplanned_stop_time_ms",
    stopCount: "toInt64(slot = 0)",
    goodCount: `if(stopped, 0, ${step} * (40 + (n + i) % 11))`,
    scrapCount: "if(stopped, 0, toInt64(n % 17 = 0))",
    idealTimeUs: "(good_count + scrap_count) * 1200000",
    idealGoodTimeUs: "good_count * 1200000",
  };
  const aliases = COMPONENT_NAMES.map((name) => `toInt64(${values[name] ?? 0}) AS ${columnOf(name)}`);
  const local = `toDateTime(minute, 'Europe/Berlin')`;
  const days = Math.ceil((NOW - START) / DAY);
  for (let day = 0; day < days; day += 7) {
    const [first, end] = [day * 1440, Math.min((day + 7) * 1440, MINUTES)];
    const count = (end - first) / step;
    await transport.command(`INSERT INTO oee.kpi_minutes
(machine, minute, product, shift, shift_date, ${COMPONENT_NAMES.map(columnOf).join(", ")}, takt_us, cost_per_hour, decimals, plant_version, version, deleted)
SELECT arrayElement(${names}, i + 1) AS machine, toDateTime(${START / 1000} + n * 60, 'UTC') AS minute,
  if(i % 2 = 0, 'cola', 'water') AS product,
  multiIf(toHour(${local}) < 6 OR toHour(${local}) >= 22, 'night', toHour(${local}) < 14, 'early', 'late') AS shift,
  toString(toDate(${local} - toIntervalHour(6))) AS shift_date,
  ${aliases.join(", ")}, NULL, 60, 0, 'benchmark', 1, 0
FROM (SELECT intDiv(number, ${count}) AS i, ${first} + number % ${count} * ${step} AS n,
  (n + i * 37) % ${1440 / STOPS_PER_DAY} AS slot, slot < 9 + intDiv(n, 1440) % 7 AS stopped FROM numbers(${count * machineCount}))
SETTINGS max_partitions_per_insert_block = 100`);
  }
  const [slots, every] = [days * STOPS_PER_DAY, 1440 / STOPS_PER_DAY];
  const stops = `SELECT arrayElement(${names}, i + 1) AS machine, k,
  toDateTime64(${START / 1000} + (k * ${every} + ${every} - (i * 37) % ${every}) * 60, 3, 'UTC') AS from_time,
  from_time + toIntervalMinute(9 + intDiv(k, ${STOPS_PER_DAY}) % 7) AS to_time,
  ['', 'mechanical/jam', 'electrical', 'other'][(k + i) % 4 + 1] AS reason
FROM (SELECT intDiv(number, ${slots}) AS i, number % ${slots} AS k FROM numbers(${slots * machineCount}))
WHERE to_time <= toDateTime64(${NOW / 1000}, 3, 'UTC')`;
  await transport.command(`INSERT INTO oee.stops (machine, from_time, to_time, stop, state, reason, category, failure, minor, open,
  duration_ms, scheduled_duration_ms, product, shift, shift_date, corrected_by, plant_version, version, deleted)
SELECT machine, from_time, to_time, concat(machine, '@', replace(toString(from_time), ' ', 'T'), 'Z'), 'down', reason, 'unplannedStop', 1, 0, 0,
  dateDiff('millisecond', from_time, to_time) AS duration, duration, '', '', '', '', 'benchmark', 1, 0 FROM (${stops})`);
  await transport.command(`INSERT INTO oee.events (machine, type, at, topic, partition, offset, record_index, received_at, id, is_repeat, raw)
SELECT machine, 'state', at, 'oee.events', 0, 2 * k + running, 0, at, '', 0,
  concat('{"type":"state","machine":"', machine, '","at":', toString(toUnixTimestamp64Milli(at)), ',"state":"', if(running, 'running', 'down'), '"',
    if(running OR reason = '', '', concat(',"reason":"', reason, '"')), '}')
FROM (SELECT machine, k, reason, arrayJoin([0, 1]) AS running, if(running, to_time, from_time) AS at FROM (${stops}))
SETTINGS max_partitions_per_insert_block = 100`);
  await transport.command(`INSERT INTO oee.asset_days (machine, date, declared, first, last, events)
SELECT machine, toDate(at) AS date, 1, min(at), max(at), count() FROM oee.events GROUP BY machine, date
SETTINGS max_partitions_per_insert_block = 100`);
  for (const table of ["kpi_minutes", "stops", "events"]) await transport.command(`OPTIMIZE TABLE oee.${table} FINAL`);
}

const stored = await openStoredPlant({
  ...{ plantText: plantText(), folder: process.argv[4], now: NOW, rows: (machineCount * MINUTES) / step },
  fill,
});
const { plant, store, base } = stored;
const QUARTER = "from=2026-03-31T22:00:00Z&to=2026-06-30T22:00:00Z";

async function ask(paths: readonly string[]): Promise<number> {
  const before = performance.now();
  await Promise.all(
    paths.map(async (path) => {
      const response = await fetch(base + path);
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
    }),
  );
  return performance.now() - before;
}

async function timed(what: string, ...paths: string[]): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const runs = [await ask(paths), await ask(paths), await ask(paths)].map((ms) => ms.toFixed(0).padStart(6));
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = ((user + system) / 3000).toFixed(0);
  console.log(`${what.padEnd(48)} ${runs.join(" ")} ms   ${cpu.padStart(6)} ms of processor time each`);
}

try {
  const answered = await fetch(`${base}/entries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([
      { type: "baseline", id: "b", rev: 1, scope: "berlin", from: "2026-01-01", to: "2026-04-01" },
      { type: "target", id: "t", rev: 1, scope: "berlin", measure: "oee", value: "+5%", due: "2027-01-01" },
    ]),
  });
  if (answered.status !== 202) throw new Error(await answered.text());
  const days = dayStartsIn(plant.scopes.get("berlin")?.timezone ?? plant.timezone, 0, { from: START, to: NOW });
  const began = performance.now();
  const summed = await sumAllDays(store, ids, days);
  console.log(`summed ${summed} days of machines in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  await timed("desk, first figures: a day, its parts, 28 days", ...firstFigures());
  await timed("losses of the quarter", `/losses?scope=berlin&by=site&${QUARTER}`);
  await timed("losses of the quarter by machine", `/losses?scope=berlin&by=machine&${QUARTER}`);
  await timed("Pareto of the quarter by reason", `/pareto?scope=berlin&by=reason&${QUARTER}`);
  await timed("review of the quarter", "/review?scope=berlin&period=2026-Q2");
  await timed("review of the quarter of a line", "/review?scope=berlin/a0/l0&period=2026-Q2");
} finally {
  await stored.close();
}

/** The questions of the desk's first view (`Overview.tsx`). */
function firstFigures(): readonly string[] {
  const yesterday = "from=2026-06-29T22:00:00Z&to=2026-06-30T22:00:00Z";
  return [
    `/kpis?scope=berlin&by=site&${yesterday}`,
    `/kpis?scope=berlin&by=area&${yesterday}`,
    "/kpis?scope=berlin&by=site&every=day&from=now-28d",
    "/targets?scope=berlin",
  ];
}
