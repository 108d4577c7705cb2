/**
 * The stored history by the command line: `oee verify` finds a wrong row, `oee recompute` mends it and applies a changed plant file
 * to a past span, `oee export` writes everything, raw events byte for byte.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { openStore, type StoredRow } from "@oee/store";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FILLER, oee, PLANT } from "../cli/oee.ts";
import { floorMinute, instant } from "./history.ts";
import { getJson, newFolder, postLines, serve, until } from "./oee-process.ts";

const MINUTE_MS = 60_000;
const END = floorMinute(Date.now()) - 60 * MINUTE_MS;
const START = END - 120 * MINUTE_MS;

/** The plant without a calendar: the history lies some hours before now, at whatever time of day, and unscheduled stops would not count. */
const ALWAYS = PLANT.replace("    calendar: two-shift\n", "");

const folder = newFolder();
const [plant, data] = [folder.path("plant.yaml"), folder.path("data")];
const stored = ["--plant", plant, "--data", data];
const span = ["--from", instant(START), "--to", instant(END)];

const LINES = [
  { at: START, type: "state", state: "running", operator: "anna", shoe: { size: 38.5 } },
  { at: START + 30 * MINUTE_MS, type: "count", good: 100 },
  { at: START + 60 * MINUTE_MS, type: "state", state: "down" },
  { at: START + 75 * MINUTE_MS, type: "state", state: "running" },
  { at: START + 90 * MINUTE_MS, type: "count", good: 50 },
].map((fields) => JSON.stringify({ machine: FILLER, ...fields }).replace("{", "{ "));

beforeAll(async () => {
  writeFileSync(plant, ALWAYS);
  const { url, end } = await serve(["start", ...stored]);
  expect((await postLines(url, LINES)).body).toMatchObject({ accepted: LINES.length });
  const found = `/api/v1/kpis?scope=${FILLER}&from=${START}&to=${END}`;
  await until("all counts to be stored", async () => {
    const { body } = await getJson<{ components: { goodCount: number } }[]>(url, found);
    return body[0]?.components.goodCount === 150 ? true : undefined;
  });
  expect((await end("SIGTERM")).code).toBe(0);
});
afterAll(() => folder.remove());

function linesOf<T>(args: readonly string[]): T[] {
  const { status, stdout, stderr } = oee(args);
  expect(status, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

/** Makes one stored row wrong, as a fault of the worker would; returns its minute. */
async function spoilOne(): Promise<string> {
  const store = await openStore({ embedded: { path: `${data}/store` } });
  try {
    const period = { from: START + 30 * MINUTE_MS, to: START + 31 * MINUTE_MS };
    const rows: StoredRow[] = [];
    for await (const batch of store.rows({ machines: [FILLER], period })) rows.push(...batch);
    const [row] = rows;
    if (row === undefined) throw new Error("no row");
    const stamp = { version: row.version + 1n, plantVersion: row.plantVersion };
    await store.insertRows([{ ...row, goodCount: 99 }], stamp);
    return new Date(row.from).toISOString();
  } finally {
    await store.close();
  }
}

test("verify reports every stored row that differs, and recompute mends it", async () => {
  const minute = await spoilOne();
  const verified = oee(["verify", ...stored, ...span]);
  expect(verified.status).toBe(1);
  expect(verified.stderr).toMatch(/^compared 12\d rows, 1 differ$/m);
  expect(JSON.parse(verified.stdout)).toMatchObject({
    ...{ machine: FILLER, minute, product: null },
    stored: { goodCount: 99 },
    recomputed: { goodCount: 100 },
  });
  expect(oee(["verify", ...stored, "--from", instant(START + 31 * MINUTE_MS)])).toMatchObject({
    status: 0,
    stdout: "",
  });
  expect(oee(["recompute", ...stored, ...span])).toMatchObject({ status: 0, stdout: "" });
  const again = oee(["verify", ...stored]);
  expect(again).toMatchObject({ status: 0, stdout: "" });
  expect(again.stderr).toMatch(/^compared \d+ rows, 0 differ$/m);
});

test("DI-3: recompute applies a changed plant file to a span, and the audit trail says who and why", async () => {
  const changed = folder.path("changed.yaml");
  writeFileSync(changed, ALWAYS.replace("idealCycleSeconds: 2, costPerHour", "idealCycleSeconds: 3, costPerHour"));
  const second = ["--from", instant(START + 60 * MINUTE_MS), "--to", instant(END)];
  const recompute = ["recompute", "--plant", changed, "--data", data, "--scope", "berlin/packing/l1"];
  const { status, stdout, stderr } = oee([...recompute, ...second, "--by", "anna", "--note", "new cam"]);
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "" });

  const rows = linesOf<{ ideal_time_us: string; good_count: string }>([
    "export",
    ...stored,
    ...span,
    "--format",
    "json",
  ]);
  const ideal = rows.filter(({ good_count: good }) => Number(good) > 0).map(({ ideal_time_us: us }) => Number(us));
  expect(ideal).toEqual([100 * 2_000_000, 50 * 3_000_000]);
  const verified = oee(["verify", "--plant", changed, "--data", data]);
  expect(verified).toMatchObject({ status: 0, stdout: "" });
  expect(verified.stderr).toMatch(
    /^\d+ rows were computed with another plant file \([0-9a-f]{24}\), and not compared \(DI-3\)$/m,
  );

  const store = await openStore({ embedded: { path: `${data}/store` } });
  const [newest] = await store.auditTrail(1);
  await store.close();
  expect(newest).toMatchObject({
    ...{ actor: "anna", action: "recompute", scope: "berlin/packing/l1" },
    ...{ from: START + 60 * MINUTE_MS, to: END, detail: expect.stringContaining("new cam") as unknown },
  });
});

test("export: rows of each table in each format; raw events as they were received, with their place", () => {
  const events = linesOf<{ topic: string; partition: number; offset: string; raw: string }>([
    ...["export", ...stored, "--table", "events", "--format", "json"],
  ]);
  expect(events.map(({ raw }) => raw)).toEqual(LINES);
  for (const { topic, partition, offset } of events) {
    expect(topic).toBe("oee.events");
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(Number(offset)).toBe(0);
  }
  const csv = oee(["export", ...stored, "--table", "stops"]);
  expect(csv.stdout.split("\n")).toEqual([
    expect.stringMatching(/^"machine","from_time","to_time"/),
    expect.stringContaining(`"${FILLER}@${instant(START + 60 * MINUTE_MS)}","down"`),
    "",
  ]);
  const arrow = tableFromIPC(oee(["export", ...stored, "--table", "stops", "--format", "arrow"]).bytes);
  expect(arrow.numRows).toBe(1);
  const file = folder.path("stops.parquet");
  expect(oee(["export", ...stored, "--table", "stops", "--format", "parquet", "--output", file]).stdout).toBe("");
  expect(readFileSync(file).subarray(0, 4).toString()).toBe("PAR1");
});

test("a wrong data folder or scope is an error, and no folder is made", () => {
  const nowhere = ["--plant", plant, "--data", folder.path("typo")];
  for (const command of ["verify", "recompute", "export", "dead-letters"]) {
    const args = command === "dead-letters" ? nowhere.slice(2) : nowhere;
    const { status, stdout, stderr } = oee([command, ...args]);
    expect({ command, status, stdout }).toEqual({ command, status: 1, stdout: "" });
    expect(stderr).toContain(`there is no folder ${folder.path("typo")}`);
  }
  expect(existsSync(folder.path("typo"))).toBe(false);
  for (const command of ["verify", "recompute"]) {
    const { status, stderr } = oee([command, ...stored, "--scope", "albany"]);
    expect({ command, status }).toEqual({ command, status: 1 });
    expect(stderr).toContain("nothing is stored of albany/hall/l1/press in this span");
  }
  expect(oee(["verify", ...stored, "--scope", "rome"])).toMatchObject({ status: 2, stdout: "" });
  expect(oee(["export", ...stored, "--scope", "rome"])).toMatchObject({ status: 2, stdout: "" });
  expect(oee(["dead-letters", "--data", data, "--error", "unknown"])).toMatchObject({ status: 2, stdout: "" });
});
