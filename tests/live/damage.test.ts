/**
 * Damage is reported with what restores the data, and that works: parts of the store that ClickHouse sets aside at a start, one
 * of the two folders missing beside the other, and a data folder that cannot be used.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Element, StopSegment } from "@oee/model";
import type { LiveElement } from "@oee/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OEE } from "../cli/oee.ts";
import { floorMinute, instant } from "./history.ts";
import { type Ended, getJson, newFolder, postLines, runOee, serve, until } from "./oee-process.ts";
import { ONE_MACHINE } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const TO = floorMinute(Date.now()) - 10 * MINUTE_MS;
const FROM = TO - 120 * MINUTE_MS;
const SPAN = ["--from", instant(FROM), "--to", instant(TO)];
const MACHINE = "s/a/l/m";

const folder = newFolder();
const PLANT = folder.path("plant.yaml");
writeFileSync(PLANT, ONE_MACHINE);
afterAll(() => folder.remove());

/** A data folder with two hours of a machine. */
let made: string;
beforeAll(async () => {
  made = folder.path("made");
  await makeData(made);
});

/** A copy of it. */
function newData(name: string): string {
  const data = folder.path(name);
  cpSync(made, data, { recursive: true });
  return data;
}

async function makeData(data: string): Promise<void> {
  const { url, end } = await serve(["start", "--plant", PLANT, "--data", data]);
  const events = [0, 30, 60, 90].flatMap((minutes) => [
    { type: "state", machine: MACHINE, at: FROM + minutes * MINUTE_MS, state: minutes % 60 === 0 ? "running" : "down" },
    { type: "count", machine: MACHINE, at: FROM + minutes * MINUTE_MS + 1, good: 25 },
  ]);
  await postLines(
    url,
    events.map((event) => JSON.stringify(event)),
  );
  await until("all counts to be stored", async () => {
    const path = `/api/v1/kpis?scope=${MACHINE}&from=${FROM}&to=${TO}`;
    const { body } = await getJson<Element[]>(url, path);
    return body[0]?.components.goodCount === 100 ? true : undefined;
  });
  expect((await end("SIGTERM")).code).toBe(0);
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

interface Readiness {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

test("a damaged part of the store is named by readiness and the log, and its rows come back", async () => {
  const data = newData("parts");
  const stored = ["--plant", PLANT, "--data", data];
  // The part with the most columns is one of minute rows; its largest file is damaged.
  const parts = filesBelow(join(data, "store"))
    .filter((file) => file.endsWith("data.bin"))
    .map((file) => ({ file, bytes: statSync(file).size, columns: readFileSync(join(file, "../columns.txt"), "utf8") }))
    .filter(({ columns }) => columns.includes("run_time_ms"))
    .sort((a, b) => b.bytes - a.bytes);
  const [largest] = parts;
  if (largest === undefined) throw new Error("no part");
  truncateSync(largest.file, Math.floor(largest.bytes / 2));

  const { url, stderr, end } = await serve(["start", ...stored]);
  const check = await until("readiness", async () => {
    const { body } = await getJson<Readiness>(url, "/health/ready");
    return body.checks.find(({ name }) => name === "stored parts");
  });
  expect(check).toMatchObject({ ok: false });
  expect(check.detail).toMatch(/^1 part of kpi_minutes could not be read .*oee recompute/);
  expect(stderr()).toMatch(/"code":"OEE_STORE_PARTS_SET_ASIDE"/);
  await end("SIGTERM");

  expect((await runOee(["verify", ...stored, ...SPAN]).ended).code).toBe(1);
  expect(await runOee(["recompute", ...stored, ...SPAN]).ended).toMatchObject({ code: 0 });
  const verified = await runOee(["verify", ...stored, ...SPAN]).ended;
  expect(verified).toMatchObject({ code: 0, stdout: "" });
  const aside = /in (\S+),/.exec(check.detail)?.[1] ?? "";
  rmSync(aside, { recursive: true });
  const again = await serve(["start", ...stored]);
  const { body } = await getJson<Readiness>(again.url, "/health/ready");
  expect(body.checks.find(({ name }) => name === "stored parts")).toMatchObject({ ok: true, detail: "all are read" });
  await again.end("SIGTERM");
});

test("a data folder that cannot be used ends the start with a code; one that can is readable by its user alone", async () => {
  const start = (data: string): Promise<Ended> =>
    runOee(["start", "--plant", PLANT, "--data", data, "--port", "0"]).ended;
  const file = folder.path("file");
  writeFileSync(file, "");
  for (const [data, code] of [
    [join(file, "data"), "OEE_DATA_UNUSABLE"],
    // Not even root can make a folder there.
    ["/sys/oee-data", "OEE_DATA_(ACCESS_DENIED|READ_ONLY)"],
  ] as const) {
    const ended = await start(data);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(new RegExp(`^oee: ${code}: cannot \\w+ .*${data}.*: .`));
  }
  const args = ["user", "add", "anna", "--role", "admin", "--users", "/sys/users.json", "--password-stdin"];
  const { code, stderr: printed } = await runOee(args, {}, "kdjfw-aejr-29384-xx\n").ended;
  expect([code, printed]).toEqual([
    1,
    expect.stringMatching(/^oee: OEE_FILE_UNUSABLE: open \/sys\/users.json.new: .*\n$/),
  ]);
  // A complete data folder on a file system that is mounted read-only, as Linux does after damage.
  if (spawnSync("unshare", ["-rm", "true"]).status === 0) {
    const mounted = folder.path("mounted");
    mkdirSync(mounted);
    const connections = folder.path("connections.yaml");
    const mapping = "signals: { n: { value: n, at: t } }, totals: { good: n }";
    writeFileSync(connections, `connections: { plc: { protocol: http, token: a, machines: { m: { ${mapping} } } } }\n`);
    const script = `mount -t tmpfs none "$1" && cp -a "$2" "$1/data" && mkdir "$1/empty" && mount -o remount,ro "$1" || exit 9
shift 2
for command in "$@"; do "$NODE" "$OEE" $command < /dev/null; echo "code $?" >&2; done`;
    const commands = [
      ...["data", "empty", "new"].map((name) => `start --plant ${PLANT} --data ${mounted}/${name} --port 0`),
      `migrate --data ${mounted}/new`,
      ...["empty", "new"].map(
        (name) => `connect --connections ${connections} --url http://127.0.0.1:1 --port 0 --data ${mounted}/${name}`,
      ),
      `connect browse opc.tcp://127.0.0.1:1 --data ${mounted}/new`,
    ];
    const child = spawn("unshare", ["-rm", "sh", "-c", script, "sh", mounted, made, ...commands], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, NODE: process.execPath, OEE },
    });
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect(status).toBe(0);
    const said = stderr.split(/^code (?=\d)/m).map((part) => part.replace(/^\d+\n/, ""));
    expect(said.slice(0, -1)).toEqual(
      commands.map(() => expect.stringMatching(/^oee: OEE_DATA_READ_ONLY: cannot .*\n$/)),
    );
    expect(stderr.match(/^code \d+$/gm)).toEqual(commands.map(() => "code 1"));
  }
  const open = [made, ...readdirSync(made, { recursive: true }).map((name) => join(made, String(name)))].filter(
    (path) => (statSync(path).mode & 0o077) !== 0,
  );
  expect(open).toEqual([]);
});

test("a log that is gone beside its store begins anew: machines and their open stop go on, and verify finds no difference", async () => {
  const data = newData("log-gone");
  const stored = ["--plant", PLANT, "--data", data];
  rmSync(join(data, "log"), { recursive: true });
  const { url, stderr, end } = await serve(["start", ...stored]);
  // The machine was down from minute 90 on.
  const live = await until("the machine's state", async () => {
    const { body } = await getJson<{ elements: LiveElement[] }>(url, `/api/v1/live?scope=${MACHINE}`);
    const state = body.elements[0]?.machine?.state;
    return state === "down" ? body : undefined;
  });
  expect(live.elements[0]?.machine).toMatchObject({ state: "down", since: FROM + 90 * MINUTE_MS });
  expect(stderr()).toMatch(/"code":"OEE_DATA_LOG_GONE"/);
  const running = { type: "state", machine: MACHINE, at: instant(TO), state: "running" };
  await postLines(url, [JSON.stringify(running)]);
  await until("the stop to end", async () => {
    const { body } = await getJson<StopSegment[]>(url, `/api/v1/stops?scope=${MACHINE}&from=${FROM}`);
    return body.at(-1)?.open === false ? true : undefined;
  });
  expect((await end("SIGTERM")).code).toBe(0);
  const verified = await runOee(["verify", ...stored, ...SPAN]).ended;
  expect(verified).toMatchObject({ code: 0, stdout: "" });
  expect(verified.stderr).toMatch(/^compared 12\d rows, 0 differ$/m);
});

test("a store that is gone beside its log is filled from all that the log holds", async () => {
  const data = newData("store-gone");
  const stored = ["--plant", PLANT, "--data", data];
  rmSync(join(data, "store"), { recursive: true });
  const { url, stderr, end } = await serve(["start", ...stored]);
  await until("all counts to be stored again", async () => {
    const { body } = await getJson<Element[]>(url, `/api/v1/kpis?scope=${MACHINE}&from=${FROM}&to=${TO}`);
    return body[0]?.components.goodCount === 100 ? true : undefined;
  });
  expect(stderr()).toMatch(/"code":"OEE_DATA_STORE_GONE"/);
  expect((await end("SIGTERM")).code).toBe(0);
  const verified = await runOee(["verify", ...stored, ...SPAN]).ended;
  expect(verified).toMatchObject({ code: 0, stdout: "" });
});
