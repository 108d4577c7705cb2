/**
 * The same numbers everywhere in one process: a random history is sent to `oee start`, which is killed in the middle. Then
 * `GET /kpis`, `GET /stops`, `GET /live`, `oee export`, `oee replay` and a `SELECT` by hand agree to the last digit.
 */
import { writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import { createChdbConnection } from "chdb/connection";
import { afterAll, expect, test } from "vitest";
import { historyUntil, instant, PLANT } from "./history.ts";
import { newFolder, oeeOutput, postHistory, runOee, serve, type Served } from "./oee-process.ts";
import {
  expectSameKpis,
  expectSameLive,
  expectSameStops,
  expectSameUntilNow,
  replay,
  untilInEffect,
} from "./same-numbers.ts";

const folder = newFolder();
let started: Served | null = null;

afterAll(async () => {
  await started?.end("SIGKILL");
  folder.remove();
});

test("P-5: live, stored, exported, replayed and selected by hand, over a kill and a restart", async () => {
  const history = historyUntil(Date.now());
  const { from, to } = history;
  const period = { from, to };
  const files = { plant: folder.path("plant.yaml"), events: folder.path("events.ndjson") };
  const texts = history.lines.map(({ text }) => text);
  writeFileSync(files.plant, PLANT);
  writeFileSync(files.events, texts.map((text) => `${text}\n`).join(""));
  const data = folder.path("data");
  const start = (): Promise<Served> => serve(["start", "--plant", files.plant, "--data", data]);

  started = await start();
  const sizes = [0.35, 0.6, 1].map((share) => Math.floor(share * texts.length));
  let refused = 0;
  for (const [i, size] of sizes.entries()) {
    const { status, body } = await postHistory(started.url, texts.slice(i === 0 ? 0 : sizes[i - 1], size));
    expect(status).toBe(202);
    refused += body.refused;
    if (i === 2) break;
    // Events that were answered with 202 are kept, at whatever point the worker is killed.
    await started.end("SIGKILL");
    started = await start();
  }
  expect(refused, `seed ${history.seed}`).toBeGreaterThan(10);

  const { url } = started;
  await untilInEffect(url, files, period);
  await expectSameKpis(url, files, period);
  await expectSameUntilNow(url, files, from);
  await expectSameStops(url, files, period);
  await expectSameLive(url, files, "berlin/packing/l1/filler");
  await expectSameLive(url, files, "campinas/hall/presses/p2");

  const { code, stderr } = await started.end("SIGTERM");
  expect(code, stderr).toBe(0);
  started = null;

  const expected = await replay(files, period);
  const embedded = ["--plant", files.plant, "--data", data];
  const csv = await oeeOutput(["export", ...embedded, "--from", instant(from), "--to", instant(to)]);
  expect(sumsOf(csv)).toEqual(countsOf(expected));
  expect(await selected(data, period)).toEqual(countsOf(expected));
  const verified = await runOee(["verify", ...embedded]).ended;
  expect(verified, verified.stdout).toMatchObject({ code: 0, stdout: "" });
});

/** Sums in the units of the store: milliseconds, items, and microseconds of ideal time. */
interface Sums {
  readonly run: number;
  readonly minorStop: number;
  readonly unplannedStop: number;
  readonly failure: number;
  readonly good: number;
  readonly scrap: number;
  readonly stops: number;
  readonly idealGoodUs: number;
}

type ByMachine = Readonly<Record<string, Sums>>;

function countsOf(elements: readonly Element[]): ByMachine {
  return Object.fromEntries(
    elements.map(({ scope, components }): [string, Sums] => [
      scope,
      {
        run: components.runTime,
        minorStop: components.minorStopTime,
        unplannedStop: components.unplannedStopTime,
        failure: components.failureTime,
        good: components.goodCount,
        scrap: components.scrapCount,
        stops: components.stopCount,
        idealGoodUs: Math.round(components.idealGoodTime * 1000),
      },
    ]),
  );
}

const COLUMNS: Readonly<Record<keyof Sums, string>> = {
  run: "run_time_ms",
  minorStop: "minor_stop_time_ms",
  unplannedStop: "unplanned_stop_time_ms",
  failure: "failure_time_ms",
  good: "good_count",
  scrap: "scrap_count",
  stops: "stop_count",
  idealGoodUs: "ideal_good_time_us",
};
const NAMES = Object.keys(COLUMNS) as readonly (keyof Sums)[];

/** No name of this plant has a comma or a quotation mark. */
function sumsOf(csv: string): ByMachine {
  const [header = [], ...rows] = csv
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll('"', "").split(","));
  const sums: Record<string, Record<string, number>> = {};
  for (const row of rows) {
    const machine = row[header.indexOf("machine")] ?? "";
    const sum = (sums[machine] ??= Object.fromEntries(NAMES.map((name) => [name, 0])));
    for (const name of NAMES) sum[name] = (sum[name] ?? 0) + Number(row[header.indexOf(COLUMNS[name])]);
  }
  return sums as unknown as ByMachine;
}

/** The sums by a SELECT that follows from the tables' comments alone. */
async function selected(data: string, period: { from: number; to: number }): Promise<ByMachine> {
  const connection = createChdbConnection({ path: `${data}/store/clickhouse` });
  try {
    const { chdb } = connection;
    const answer = await chdb.queryAsync(
      `SELECT machine, ${NAMES.map((name) => `toFloat64(sum(${COLUMNS[name]})) AS ${name}`).join(", ")}
       FROM oee.kpi_minutes_final
       WHERE minute >= toDateTime(${period.from / 1000}) AND minute < toDateTime(${period.to / 1000})
       GROUP BY machine`,
      { format: "JSONEachRow" },
    );
    const rows = answer.text().trimEnd().split("\n");
    return Object.fromEntries(
      rows.map((row): [string, Sums] => {
        const { machine, ...sums } = JSON.parse(row) as { machine: string } & Sums;
        return [machine, sums];
      }),
    );
  } finally {
    await connection.close();
  }
}
