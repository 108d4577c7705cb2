/**
 * DI-3 in `oee start`: hours before a changed plant file stay as they were over restarts, and `oee recompute` restates them, in
 * rolling windows as in what is stored.
 */
import { writeFileSync } from "node:fs";
import type { LiveElement } from "@oee/protocol";
import { afterAll, expect, test } from "vitest";
import { instant } from "./history.ts";
import { getJson, newFolder, postLines, runOee, serve, type Served } from "./oee-process.ts";

const MINUTE_MS = 60_000;
const MACHINE = "s/a/l/m";
const plantOf = (cycle: number): string => `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: ${cycle} } } } } } } } }
windows: [8h]
`;

const folder = newFolder();
const served: Served[] = [];
afterAll(async () => {
  for (const one of served) await one.end("SIGKILL");
  folder.remove();
});

test("DI-3: a restart restates no hours of before the plant file changed, oee recompute does, in windows too", async () => {
  const [plant, data] = [folder.path("plant.yaml"), folder.path("data")];
  writeFileSync(plant, plantOf(2));
  const start = async (): Promise<Served> => {
    const one = await serve(["start", "--plant", plant, "--data", data]);
    served.push(one);
    return one;
  };
  /** Waits until the window has so many good pieces and so much ideal time. */
  const shows = async ({ url }: Served, goodCount: number, idealTime: number): Promise<void> => {
    const path = `/api/v1/live?scope=${MACHINE}&windows=8h`;
    await expect
      .poll(
        async () => {
          const { elements } = (await getJson<{ elements: LiveElement[] }>(url, path)).body;
          const components = elements[0]?.windows["8h"]?.components;
          return { goodCount: components?.goodCount, idealTime: components?.idealTime };
        },
        { timeout: 60_000 },
      )
      .toEqual({ goodCount, idealTime });
  };
  const count = (at: number, good: number): string =>
    JSON.stringify({ type: "count", machine: MACHINE, at: instant(at), good });
  const now = Date.now();
  const first = await start();
  await postLines(first.url, [
    JSON.stringify({ type: "state", machine: MACHINE, at: instant(now - 50 * MINUTE_MS), state: "running" }),
    count(now - 30 * MINUTE_MS, 100),
  ]);
  await shows(first, 100, 200_000);
  await first.end("SIGTERM");
  writeFileSync(plant, plantOf(5));
  for (let restarts = 1; restarts <= 2; restarts++) {
    const one = await start();
    await postLines(one.url, [count(Date.now(), 1)]);
    await shows(one, 100 + restarts, 200_000 + 5_000 * restarts);
    await one.end("SIGTERM");
  }
  const recomputed = await runOee(["recompute", "--plant", plant, "--data", data, "--by", "anna"]).ended;
  expect(recomputed.code, recomputed.stderr).toBe(0);
  const last = await start();
  await shows(last, 102, 510_000);
  await last.end("SIGTERM");
});
