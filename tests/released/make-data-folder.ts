/**
 * Makes the data folder of a release, which `data-folders.test.ts` opens with every later version:
 *
 *     npm run build && npm run bench -- tests/released/make-data-folder.ts 0.1.0
 *
 * It runs `oee start` twice and writes `0.1.0/`: `data.tar.gz`, `plant.yaml`, `events.ndjson.gz` (all events sent, in the order of
 * the log) and `expected.json` (the answers of `GET /kpis` and `GET /stops`). The first run takes nine hours of a simulated plant,
 * with late and repeated events, totals, jobs and corrections of any age, and ends by SIGTERM. The second takes a few more events and
 * is killed before they are in a checkpoint, so that whoever opens the folder must read them from its log.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { floorMinute, historyUntil, instant, PLANT } from "../live/history.ts";
import { getJson, newFolder, postLines, serve } from "../live/oee-process.ts";
import { expectSameKpis, expectSameStops, untilInEffect } from "../live/same-numbers.ts";

const MINUTE_MS = 60_000;
const [release] = process.argv.slice(2);
if (release === undefined) throw new Error("expected the release as argument, such as 0.1.0");

const target = join(import.meta.dirname, release);
mkdirSync(target);
const [plant, events] = [join(target, "plant.yaml"), join(target, "events.ndjson.gz")];
writeFileSync(plant, PLANT);
const folder = newFolder();
const start = ["start", "--plant", plant, "--data", folder.path("data"), "--partitions", "3"];

const history = historyUntil(floorMinute(Date.now()) - 10 * MINUTE_MS);
const lines = history.lines.map(({ text }) => text);
writeFileSync(events, gzipSync(`${lines.join("\n")}\n`));
const first = await serve(start);
for (let i = 0; i < lines.length; i += 500) await postLines(first.url, lines.slice(i, i + 500));
await untilInEffect(first.url, { plant, events }, history);
await first.end("SIGTERM");

const end = history.to + 5 * MINUTE_MS;
const more = history.machines.flatMap((machine, i) => [
  JSON.stringify({ type: "count", machine, at: instant(history.to + MINUTE_MS + i), good: 7, scrap: 2, startup: true }),
  JSON.stringify({ type: "state", machine, at: instant(history.to + 2 * MINUTE_MS + i), state: "down" }),
  JSON.stringify({ type: "state", machine, at: instant(history.to + 3 * MINUTE_MS + i), state: "running" }),
]);
writeFileSync(events, gzipSync(`${[...lines, ...more].join("\n")}\n`));
const second = await serve(start);
await postLines(second.url, more);
const [files, period] = [
  { plant, events },
  { from: history.from, to: end },
];
await untilInEffect(second.url, files, period);
await expectSameKpis(second.url, files, period);
await expectSameStops(second.url, files, period);
const question = `from=${instant(period.from)}&to=${instant(period.to)}`;
const kpis = (await getJson(second.url, `/api/v1/kpis?${question}&every=hour`)).body;
const stops = (await getJson(second.url, `/api/v1/stops?${question}&limit=10000`)).body;
await second.end("SIGKILL");

const expected = { release, from: instant(period.from), to: instant(period.to), endedAt: instant(Date.now()) };
writeFileSync(join(target, "expected.json"), `${JSON.stringify({ ...expected, kpis, stops })}\n`);
const archive = join(target, "data.tar.gz");
const { status, stderr } = spawnSync("tar", ["-czf", archive, "-C", folder.path(""), "data"], { encoding: "utf8" });
if (status !== 0) throw new Error(stderr);
folder.remove();
