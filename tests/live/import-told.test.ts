/** DI-1: after an import into a running server readiness says "computing" until figures include all of it. */
import { writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import { afterAll, expect, test } from "vitest";
import { floorMinute, instant } from "./history.ts";
import { getJson, newFolder, runOee, serve, until } from "./oee-process.ts";
import { ONE_MACHINE } from "../support/plant.ts";

const MACHINE = "s/a/l/m";
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// One request: between two of them nothing may be left to compute.
const DAYS = 100;
const TO = floorMinute(Date.now()) - DAY_MS;
const FROM = TO - DAYS * DAY_MS;

const folder = newFolder();
const PLANT = folder.path("plant.yaml");
writeFileSync(PLANT, ONE_MACHINE);
afterAll(() => folder.remove());

interface Readiness {
  readonly lag: number | null;
  readonly checks: readonly { readonly computing?: true }[];
}

test("DI-1: readiness says that imported time is being computed until answers have it", async () => {
  const events = Array.from({ length: DAYS * 48 }, (_, i) =>
    JSON.stringify({
      type: "state",
      machine: MACHINE,
      at: instant(FROM + i * 30 * MINUTE_MS),
      state: i % 4 === 0 ? "down" : "running",
    }),
  );
  writeFileSync(folder.path("events.ndjson"), `${events.join("\n")}\n`);
  const server = await serve(["start", "--plant", PLANT, "--data", folder.path("data")]);
  const isComputing = async (): Promise<boolean> => {
    const { lag, checks } = (await getJson<Readiness>(server.url, "/api/v1/health/ready")).body;
    return lag !== 0 || checks.some(({ computing }) => computing === true);
  };
  await until("readiness", async () => ((await isComputing()) ? undefined : true));

  const importing = runOee(["import", "--plant", PLANT, "--url", server.url, folder.path("events.ndjson")]);
  await until("it to be told", async () => ((await isComputing()) ? true : undefined));
  const { code, stderr } = await importing.ended;
  expect(code).toBe(0);
  expect(stderr).toContain(`when no check of ${server.url}/api/v1/health/ready says "computing" any more\n`);
  await until("all of it to be computed", async () => ((await isComputing()) ? undefined : true));
  const path = `/api/v1/kpis?scope=${MACHINE}&from=${instant(FROM)}&to=${instant(TO)}`;
  const [element] = (await getJson<Element[]>(server.url, path)).body;
  expect(element?.components).toMatchObject({ unknownTime: 0, unplannedStopTime: (DAYS * DAY_MS) / 4 });
  await server.end("SIGTERM");
});
