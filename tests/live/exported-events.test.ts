/** Raw events go out by `oee export` and in again: `oee replay` of each format, and `oee import`, give the numbers of the events as they first came. */
import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { getJson, newFolder, oeeOutput, runOee, serve, until } from "./oee-process.ts";
import { ONE_MACHINE } from "../support/plant.ts";

const MACHINE = "s/a/l/m";
const folder = newFolder();
const PLANT = folder.path("plant.yaml");
writeFileSync(PLANT, ONE_MACHINE);
afterAll(() => folder.remove());

const at = (day: number, hour: number, minute = 0): string =>
  new Date(Date.UTC(2026, 1, day, hour, minute)).toISOString();

/** With a repeat, two states of one instant, and corrections of one span of which the later one was made earlier. */
function history(): readonly object[] {
  const events: object[] = [];
  for (let hour = 0; hour < 72; hour += 2) {
    const [day, own] = [1 + Math.floor(hour / 24), hour % 24];
    events.push({ type: "state", at: at(day, own), state: "running" });
    events.push({ type: "count", at: at(day, own, 30), good: 100, id: `c${hour}` });
    events.push({ type: "state", at: at(day, own + 1, 10), state: "down", reason: 'a "jam", or\nso' });
  }
  events.push({ type: "count", at: at(3, 22, 30), good: 100, id: "c70" });
  events.push({ type: "state", at: at(2, 0), state: "idle" });
  const span = { from: at(1, 1, 10), to: at(1, 2) };
  events.push({ type: "correction", at: at(4, 10), ...span, state: "maintenance", by: "anna" });
  events.push({ type: "correction", at: at(4, 9), ...span, state: "setup", by: "bo" });
  return events.map((event) => ({ machine: MACHINE, ...event }));
}

test("CN-4, TL-7: events that were exported in any format give the same numbers, in a replay and in another plant", async () => {
  const events = history();
  writeFileSync(folder.path("events.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const path = `/api/v1/kpis?scope=${MACHINE}&from=${at(1, 0)}&to=${at(4, 0)}&every=day`;
  /** Imports a file into a new data folder, and answers the figures of the server on it. */
  const figuresOf = async (file: string, data: string): Promise<unknown> => {
    await oeeOutput(["import", "--plant", PLANT, "--data", folder.path(data), folder.path(file)]);
    const server = await serve(["start", "--plant", PLANT, "--data", folder.path(data)]);
    const figures = await until("all of it to be computed", async () => {
      const { body } = await getJson<{ readonly components: { readonly unknownTime: number } }[]>(server.url, path);
      return body.every(({ components }) => components.unknownTime === 0) ? body : undefined;
    });
    await server.end("SIGTERM");
    return figures;
  };
  const figures = await figuresOf("events.ndjson", "first");
  const replay = (file: string): Promise<string> =>
    oeeOutput(["replay", "--plant", PLANT, "--events", folder.path(file), "--every", "day", "--format", "json"]);
  const replayed = await replay("events.ndjson");
  for (const format of ["csv", "json", "arrow", "parquet"]) {
    const file = `exported.${format}`;
    const exporting = ["export", "--plant", PLANT, "--data", folder.path("first"), "--table", "events"];
    await oeeOutput([...exporting, "--format", format, "--output", folder.path(file)]);
    expect(await replay(file), format).toBe(replayed);
  }
  expect(await figuresOf("exported.parquet", "second")).toEqual(figures);
  const { stderr } = await runOee(["replay", "--plant", PLANT, "--events", folder.path("exported.csv")]).ended;
  expect(stderr).toContain(`read ${events.length - 1} events`);
});
