/**
 * CN-4: an import into a gateway that is killed and started again goes on where it was, and no count is taken twice, also of
 * requests whose answer was lost.
 */
import { writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import { afterAll, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { floorMinute, instant } from "./history.ts";
import { getJson, newFolder, type OeeProcess, runOee, serve, until } from "./oee-process.ts";
import { ONE_MACHINE } from "../support/plant.ts";

const MACHINE = "s/a/l/m";
const COUNTS = 60_000;
const TO = floorMinute(Date.now()) - 60 * 60_000;
const FROM = TO - COUNTS * 1_000;

const folder = newFolder();
const PLANT = folder.path("plant.yaml");
writeFileSync(PLANT, ONE_MACHINE);
afterAll(() => folder.remove());

test("CN-4: an import waits for a gateway that starts again, and nothing counts twice", async () => {
  const events = Array.from({ length: COUNTS }, (_, i) =>
    JSON.stringify({ type: "count", machine: MACHINE, at: instant(FROM + i * 1_000), good: 1 + (i % 3) }),
  );
  const good = events.reduce((sum, text) => sum + (JSON.parse(text) as { good: number }).good, 0);
  writeFileSync(folder.path("events.ndjson"), `${events.join("\n")}\n`);
  const port = String(await freePort());
  const start = ["start", "--plant", PLANT, "--data", folder.path("data"), "--port", port];
  const first = await serve(start);
  const { url } = first;

  const importing = runOee(["import", "--plant", PLANT, "--url", url, folder.path("events.ndjson")]);
  let over = false;
  void importing.ended.then(() => (over = true));
  let running: OeeProcess = first;
  for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
    await until("some events to be taken", async () => {
      const metrics = await fetch(`${url}/api/v1/metrics`)
        .then((response) => response.text())
        .catch(() => "");
      const taken = /^oee_gateway_events_accepted_total (\d+)/m.exec(metrics)?.[1];
      return taken !== undefined && Number(taken) > 0 ? true : undefined;
    });
    expect(over, importing.stderr()).toBe(false);
    await running.end(signal);
    running = runOee(start);
  }
  const ended = await importing.ended;
  expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining(`imported ${COUNTS} events\n`)]);
  expect(ended.stderr).toMatch(/cannot be reached: .*; trying again for up to 300 s\n/);
  expect(ended.stderr).toMatch(/answers again\n/);
  let counted = 0;
  await until("all of it to be stored", async () => {
    const path = `/api/v1/kpis?scope=${MACHINE}&from=${instant(FROM)}&to=${instant(TO)}`;
    const body = await getJson<Element[]>(url, path).then(
      (answer) => answer.body,
      () => [],
    );
    counted = body[0]?.components.goodCount ?? 0;
    return counted >= good ? true : undefined;
  });
  expect(counted).toBe(good);
  await running.end("SIGTERM");
});
