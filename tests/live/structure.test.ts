/**
 * DI-3 in `oee start`: a plant file that gives a line another constraint, removes a line and moves a machine leaves the past as it
 * was, over a restart too; dropped machines are reported; `oee recompute` applies the file to a past span.
 */
import { renameSync, writeFileSync } from "node:fs";
import type { LiveElement } from "@oee/protocol";
import { afterAll, expect, test } from "vitest";
import { instant, PLANT } from "./history.ts";
import { getJson, newFolder, postLines, runOee, serve, type Served, until } from "./oee-process.ts";

const MINUTE_MS = 60_000;
const L1 = "berlin/packing/l1";
const [P2, PRESS] = ["campinas/hall/presses/p2", `${L1}/press`];
const ALWAYS = PLANT.replace("    calendar: three-shift\n", "")
  .replace("            calendar: two-shift\n", "")
  .replace("staleAfter: 20m\n", "");
const CHANGED = ALWAYS.replace("constraint: filler", "constraint: labeller")
  .replace(/ {10}pallets:\n.*\n.*\n.*\n/, "")
  .replace(/ {14}p2: .*\n/, "")
  .replace(
    "              labeller:",
    `              press: { idealCycleSeconds: 3.3333, states: mtconnect, taktSeconds: 4, formerly: ${P2} }\n              labeller:`,
  );

const folder = newFolder();
const served: Served[] = [];
afterAll(async () => {
  for (const one of served) await one.end("SIGKILL");
  folder.remove();
});

interface Element {
  readonly scope: string;
  readonly components: { readonly runTime: number; readonly unplannedStopTime: number };
}

test("DI-3: another constraint, a removed line and a moved machine leave the past as it was, until oee recompute", async () => {
  const [plant, data] = [folder.path("plant.yaml"), folder.path("data")];
  writeFileSync(plant, ALWAYS);
  const start = async (): Promise<Served> => {
    const one = await serve(["start", "--plant", plant, "--data", data]);
    served.push(one);
    return one;
  };
  const first = await start();
  const now = Date.now();
  const state = (machine: string, minutes: number, word: string): string =>
    JSON.stringify({ type: "state", machine, at: instant(now - minutes * MINUTE_MS), state: word });
  const { body } = await postLines(first.url, [
    ...[state(`${L1}/filler`, 59, "running"), state(`${L1}/labeller`, 59, "down"), state(P2, 59, "running")],
    ...[state("berlin/packing/pallets/palletizer", 59, "running"), state(`${L1}/filler`, 1, "running")],
  ]);
  expect(body).toMatchObject({ accepted: 5, refused: 0 });
  const [from, to] = [now - 50 * MINUTE_MS, now - 10 * MINUTE_MS].map((at) => Math.floor(at / MINUTE_MS) * MINUTE_MS);
  const past = async (url: string, scope: string, by: string): Promise<readonly Element[]> => {
    const asked = new URLSearchParams({ scope, by, from: String(from), to: String(to) });
    return (await getJson<Element[]>(url, `/api/v1/kpis?${asked.toString()}`)).body;
  };
  const lineOf = async (url: string): Promise<Element | undefined> => (await past(url, L1, "line"))[0];
  const length = Number(to) - Number(from);
  await until("the line as its filler ran", async () =>
    (await lineOf(first.url))?.components.runTime === length ? true : undefined,
  );
  // The machines lie in several partitions, of which each is stored by itself.
  await until("the rows of all four machines", async () => {
    const machines = await past(first.url, "*", "machine");
    const known = machines.filter(({ components }) => components.runTime + components.unplannedStopTime === length);
    return known.length === 4 ? true : undefined;
  });
  const before = await past(first.url, "*", "line");
  expect(before.map(({ scope }) => scope)).toContain("berlin/packing/pallets");

  writeFileSync(`${plant}.new`, CHANGED);
  renameSync(`${plant}.new`, plant);
  await until("the structure of now", async () => {
    const { body: entries } = await getJson<{ rev: number }[]>(first.url, "/api/v1/entries?type=structure");
    return entries[0]?.rev === 2 ? true : undefined;
  });
  expect(await past(first.url, "*", "line")).toEqual(before);
  expect(await past(first.url, PRESS, "machine")).toMatchObject([{ scope: PRESS, components: { runTime: length } }]);

  // The moved machine goes on, and events may name either path.
  await postLines(first.url, [state(P2, 0, "ACTIVE")]);
  const live = await until("the moved machine on the live channel", async () => {
    const path = `/api/v1/live?scope=${PRESS}&windows=15m`;
    const { elements } = (await getJson<{ elements: LiveElement[] }>(first.url, path)).body;
    return elements[0]?.machine?.state === "running" ? elements[0] : undefined;
  });
  expect(live.machine).toMatchObject({ since: now - 59 * MINUTE_MS });

  // Dropped machines are named by readiness, counted by a metric, and named by the log and by oee check.
  const gone = "berlin/packing/pallets/palletizer (until ";
  const told = await until("the machine that is gone", async () => {
    const { checks } = (
      await getJson<{ checks: { name: string; ok: boolean; detail: string }[] }>(first.url, "/health/ready")
    ).body;
    return checks.find(({ name, detail }) => name === "plant file" && detail.includes(gone));
  });
  expect(told.ok).toBe(true);
  expect(await (await fetch(`${first.url}/metrics`)).text()).toMatch(/^oee_plant_machines_gone 1$/m);
  expect(first.stderr()).toContain("OEE_PLANT_MACHINES_GONE");
  await first.end("SIGTERM");
  const checked = await runOee(["check", plant, "--data", data]).ended;
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining(`hint: the plant file lacks`) as unknown });
  expect(checked.stdout).toContain(gone);

  const recompute = ["recompute", "--plant", plant, "--data", data, "--scope", L1, "--by", "anna"];
  const span = ["--from", instant(Number(from)), "--to", instant(Number(from) + 20 * MINUTE_MS)];
  const recomputed = await runOee([...recompute, ...span]).ended;
  expect(recomputed.code, recomputed.stderr).toBe(0);
  const second = await start();
  const after = await until("the line as it is restated", async () => {
    const element = await lineOf(second.url);
    return element === undefined || element.components.unplannedStopTime === 0 ? undefined : element;
  });
  expect(after.components).toMatchObject({
    ...{ runTime: length - 20 * MINUTE_MS, unplannedStopTime: 20 * MINUTE_MS },
  });
  await second.end("SIGTERM");
});
