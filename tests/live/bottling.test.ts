/** The bottling line of `../shared/data/bottling` through the whole system: the figures of its table "What an engine must find". */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { type AnsweredElement, FIGURES, figuresOf } from "../cli/bottling-figures.ts";
import { ROOT } from "../cli/oee.ts";
import { getJson, newFolder, postLines, serve, type Served, until } from "./oee-process.ts";

const DATA = join(ROOT, "../shared/data/bottling");
const PERIOD = "from=2022-07-22T00:00:00-03:00&to=2023-02-11T00:00:00-03:00";

const folder = newFolder();
let started: Served | null = null;

afterAll(async () => {
  await started?.end("SIGKILL");
  folder.remove();
});

test.skipIf(!existsSync(DATA))("the bottling line, sent live (skipped where ../shared is not)", async () => {
  // The line's events are years old.
  const args = ["--plant", join(DATA, "plant.yaml"), "--data", folder.path("data"), "--max-past", "7300d"];
  started = await serve(["start", ...args]);
  const { url } = started;
  const events = gunzipSync(readFileSync(join(DATA, "events.ndjson.gz"))).toString("utf8");
  const { body } = await postLines(url, events.trimEnd().split("\n"));
  expect(body).toMatchObject({ accepted: 2_998, refused: 0 });
  const all = await until("all bottles", async () => {
    const [element] = (await getJson<AnsweredElement[]>(url, `/api/v1/kpis?${PERIOD}`)).body;
    return element?.components.goodCount === FIGURES["all"]?.times[6] ? element : undefined;
  });
  expect(figuresOf(all)).toEqual(FIGURES["all"]);
  const days = (await getJson<AnsweredElement[]>(url, `/api/v1/kpis?${PERIOD}&every=day`)).body;
  // São Paulo is three hours behind UTC all year.
  const byDate = new Map(days.map((element) => [element.from.slice(0, 10), figuresOf(element)]));
  for (const [date, figures] of Object.entries(FIGURES)) {
    if (date !== "all") expect({ date, ...byDate.get(date) }).toEqual({ date, ...figures });
  }
  // Stops are written after the rows.
  const stops = await until("all stops", async () => {
    const listed = await allStops(url);
    return listed.length >= 1388 ? listed : undefined;
  });
  expect(stops).toHaveLength(1388);
  expect(stops.reduce((sum, { duration }) => sum + duration, 0)).toBe(474_841_941);

  // The process is ended while the years since are still being computed; the next one goes on from there.
  expect(await started.end("SIGTERM")).toMatchObject({ code: 0 });
  started = await serve(["start", ...args]);
  const again = started.url;
  await until("the live picture", async () => {
    const { body: picture } = await getJson<{ reflects: number | null }>(again, "/api/v1/live");
    return picture.reflects ?? undefined;
  });
  // Old days are computed beside the present, the newest last; only the last ones are asked for, since asking for all would slow this down.
  await until("the days before yesterday", async () => {
    const [day] = (await getJson<AnsweredElement[]>(again, "/api/v1/kpis?from=now-3d&to=now-2d")).body;
    return day?.components.notPlannedTime === 86_400_000 ? true : undefined;
  });
  // Up to ten minutes ago all time is stored, without demand; time that is not stored would count as unknown.
  await until("the years since", async () => {
    const path = "/api/v1/kpis?from=2023-02-11T00:00:00-03:00&to=now-10m";
    const [since] = (await getJson<AnsweredElement[]>(again, path)).body;
    const length = Date.parse(since?.to ?? "") - Date.parse(since?.from ?? "");
    return since?.components.notPlannedTime === length ? true : undefined;
  });
});

/** All stops, read page by page by the header `link`. */
async function allStops(url: string): Promise<{ duration: number }[]> {
  const stops: { duration: number }[] = [];
  for (let next: string | undefined = `/api/v1/stops?${PERIOD}`; next !== undefined; ) {
    const page: { body: { duration: number }[]; headers: Headers } = await getJson(url, next);
    stops.push(...page.body);
    next = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  return stops;
}
