/**
 * `oee start` as a user sees it: what it prints, that one process owns a data folder, that it ends in order, that a changed plant
 * file and a correction take effect while it runs, and the latency to screens.
 */
import { renameSync, writeFileSync } from "node:fs";
import type { LiveElement, LiveMessage } from "@oee/protocol";
import { afterAll, expect, test } from "vitest";
import { liveSocket } from "../../services/gateway/test/live-socket.ts";
import { instant, PLANT } from "./history.ts";
import { getJson, newFolder, post, postLines, runOee, serve, type Served, until } from "./oee-process.ts";
import { saidBy, shownBy } from "../support/sign-in.ts";

const FILLER = "berlin/packing/l1/filler";
/** The plant without a calendar, so that at no hour a stop is unscheduled or a break. */
const ALWAYS = PLANT.replace("    calendar: three-shift\n", "");
const MINUTE_MS = 60_000;

const folder = newFolder();
const served: Served[] = [];

afterAll(async () => {
  for (const one of served) await one.end("SIGKILL");
  folder.remove();
});

async function start(...args: string[]): Promise<Served> {
  const one = await serve(["start", ...args]);
  served.push(one);
  return one;
}

test("the demo prints what runs, its addresses and its data folder; it runs at 60 times the speed", async () => {
  const data = folder.path("demo");
  const demo = await start("--data", data, "--speed", "60", "--simulated-past", "8h");
  const said = await until("what it says", () => (/Ctrl-C/.test(demo.stdout()) ? demo.stdout() : undefined));
  expect(said).toMatch(/^Open OEE \S+: 24 machines of Aurora Getränke, simulated, 60 times as fast as life$/m);
  expect(said).toContain(`wall     ${demo.url}/wall`);
  expect(said).toContain(`API      ${demo.url}/api/docs`);
  expect(said).toMatch(/plant {4}\S+demo\.yaml/);
  expect(said).toContain(data);
  expect((await fetch(`${demo.url}/api/docs/json`)).status).toBe(200);

  const seen = async (): Promise<{ reflects: number; good: number; realAt: number } | undefined> => {
    const path = "/api/v1/live?scope=*&windows=1h";
    const { body } = await getJson<{ reflects: number | null; elements: LiveElement[] }>(demo.url, path);
    const good = body.elements[0]?.windows["1h"]?.components.goodCount ?? 0;
    return body.reflects === null || good === 0 ? undefined : { reflects: body.reflects, good, realAt: Date.now() };
  };
  const first = await until("the first bottles", seen);
  const later = await until("five minutes more", async () => {
    const now = await seen();
    return now !== undefined && now.reflects > first.reflects + 5 * MINUTE_MS ? now : undefined;
  });
  expect(later.reflects - first.reflects, "faster than life").toBeGreaterThan(later.realAt - first.realAt);

  const second = await runOee(["start", "--data", data, "--port", "0"]).ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/OEE_\w+: .*in use by process \d+/);

  const { code, stdout, stderr } = await demo.end("SIGTERM");
  expect({ code, stderr: linesAbove(stderr, 30) }).toEqual({ code: 0, stderr: [] });
  expect(stdout).toMatch(/Ending …\n$/);

  // After a restart everything is kept, and the simulation's clock does not go back.
  const again = await start("--data", data, "--speed", "60", "--simulated-past", "8h", "--end-within", "1ms");
  const kept = await until("the picture from before", seenOf(again.url));
  expect(kept).toBeGreaterThanOrEqual(later.reflects);
  const brokenOff = await again.end("SIGINT");
  expect(brokenOff.stderr).toMatch(/^oee: ending took too long, at the [a-z ]+; what was not stored is read from the/m);
  expect(brokenOff.signal).toBe("SIGKILL");

  // The address is printed before everything has started.
  const early = await (await start("--data", data, "--speed", "60", "--simulated-past", "8h")).end("SIGTERM");
  expect(early).toMatchObject({ code: 0, signal: null });

  const impatient = await start("--data", data, "--speed", "60", "--simulated-past", "8h");
  await until("its end to be in order", () => /Ctrl-C/.test(impatient.stdout()) || undefined);
  impatient.signal("SIGINT");
  const { signal, stderr: last } = await impatient.end("SIGTERM");
  expect(last).toMatch(/^oee: asked twice to end; what was not stored is read from the log again$/m);
  expect(signal).toBe("SIGKILL");
});

function seenOf(url: string): () => Promise<number | undefined> {
  return async () => {
    const { body } = await getJson<{ reflects: number | null }>(url, "/api/v1/live?scope=*");
    return body.reflects ?? undefined;
  };
}

/** Lines of standard error that are log lines above a level, or no log lines at all. */
function linesAbove(stderr: string, level: number): string[] {
  return stderr.split("\n").filter((line) => {
    const found = /^\{"level":(\d+)/.exec(line)?.[1];
    return line !== "" && (found === undefined || Number(found) > level);
  });
}

test("DI-3, TL-7: a changed plant file and a correction take effect while it runs; latency shows", async () => {
  const plant = folder.path("plant.yaml");
  writeFileSync(plant, ALWAYS);
  const { url, stdout, stderr } = await start("--plant", plant, "--data", folder.path("data"));
  // The process listens before it prints so.
  await expect
    .poll(stdout, { message: "nothing is simulated where a plant is named" })
    .toMatch(/^Open OEE \S+: 6 machines of acme$/m);
  const socket = liveSocket(url);
  try {
    const pictures: LiveElement[] = [];
    const take = ({ elements }: LiveMessage): void => void pictures.push(...elements);
    socket.on("snapshot", take).on("update", take);
    socket.emit("subscribe", { scopes: [FILLER], windows: ["1h"] });

    const now = Date.now();
    const [stopped, sent] = [now - 7 * MINUTE_MS, now];
    const { body } = await postLines(url, [
      JSON.stringify({ type: "state", machine: FILLER, at: instant(now - 20 * MINUTE_MS), state: "running" }),
      JSON.stringify({ type: "count", machine: FILLER, at: instant(now - 8 * MINUTE_MS), good: 5_000 }),
      JSON.stringify({ type: "state", machine: FILLER, at: instant(stopped), state: "down" }),
      JSON.stringify({ type: "count", machine: FILLER, at: instant(sent), scrap: 3 }),
    ]);
    expect(body).toEqual({ accepted: 4, refused: 0, refusals: [] });
    const live = (what: string, is: (element: LiveElement) => boolean): Promise<LiveElement> =>
      until(what, () => pictures.findLast(is));
    await live("the stop on the live channel", ({ machine }) => machine?.state === "down" && machine.reason === null);

    interface Taken {
      readonly id: string;
      readonly wait: string;
    }
    const span = { machine: FILLER, from: instant(stopped - MINUTE_MS), to: instant(now + 60 * MINUTE_MS) };
    const word = { ...span, reason: "mechanical/jam", ...saidBy("anna") };
    const taken = await post<Taken>(url, "/api/v1/corrections", JSON.stringify(word));
    expect(taken.status).toBe(202);
    await expect
      .poll(() => getJson(url, `${taken.body.wait}&timeout=30s`))
      .toMatchObject({ status: 200, body: { id: taken.body.id, inEffect: true } });
    const shown = await live("the reason on the live channel", ({ machine }) => machine?.reason === "mechanical/jam");
    expect(shown.machine).toMatchObject({ reasonName: "Jam", failure: true, since: stopped });
    type Stops = { from: string; reason: string; correctedBy: string; open: boolean }[];
    expect((await getJson<Stops>(url, `/api/v1/stops?scope=${FILLER}&from=now-1h`)).body).toEqual([
      expect.objectContaining({
        from: instant(stopped),
        reason: "mechanical/jam",
        correctedBy: shownBy("anna"),
        open: true,
      }),
    ]);

    interface Hop {
      readonly count: number;
      readonly quantiles: Readonly<Record<string, number | null>>;
    }
    const { hops } = (await getJson<{ hops: Record<string, Hop> }>(url, "/api/v1/latency")).body;
    for (const name of ["log", "compute", "gateway", "emit", "total"]) {
      expect(hops[name]?.count, name).toBeGreaterThan(0);
      expect(Object.keys(hops[name]?.quantiles ?? {}), name).toEqual(expect.arrayContaining(["0.5", "0.99"]));
    }
    expect(hops["total"]?.quantiles["0.5"]).toBeGreaterThan(0);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^oee_gateway_latency_seconds\{quantile="0.99",hop="total"\} [0-9.e-]+$/m);

    const versionNow = async (): Promise<string> =>
      (await getJson<{ version: string }>(url, "/api/v1/plant")).body.version;
    const version = await versionNow();
    replaceFile(plant, ALWAYS.replace("idealCycleSeconds: 0.12,", "idealCycleSeconds: 0.5,"));
    const changed = await until("the changed plant file", async () => {
      const newer = await versionNow();
      return newer === version ? undefined : newer;
    });
    await live("its cycle on the live channel", ({ machine }) => machine?.idealCycleSeconds === 0.5);
    replaceFile(plant, ALWAYS.replace("constraint: filler", "constraint: falter"));
    await until("the refusal", () => (/OEE_PLANT_REFUSED.*falter/.test(stderr()) ? true : undefined));
    expect(await versionNow()).toBe(changed);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^oee_worker_plant_files_refused_total 1$/m);
  } finally {
    socket.disconnect();
  }
});

/** Replaces a file by renaming a new one over it, as editors and deployments do. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
