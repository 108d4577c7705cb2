/**
 * Opens the data folders of earlier releases with this version: tables are migrated, the worker goes on from the checkpoints or
 * computes again, KPIs and stops stay the same to the last digit, new events count, and `oee verify` finds no difference. Each folder
 * beside this file is of a release (`make-data-folder.ts` makes one). The clock goes on from the instant at which the release's
 * process was killed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildGateway, listen } from "@oee/gateway";
import { PlantModel } from "@oee/engine";
import { allTopics, openEmbeddedLog, topics } from "@oee/event-log";
import { type Element, type Plant, type StopSegment } from "@oee/model";
import { systemScheduler } from "@oee/pacing";
import { openStore } from "@oee/store";
import { WORKER_DEFAULTS, Worker, workerMetrics } from "@oee/worker";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, describe, expect, test } from "vitest";
import { instant } from "../live/history.ts";
import { getJson, newFolder, postLines, runOee, until } from "../live/oee-process.ts";
import { anyShown } from "../support/live.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const HERE = import.meta.dirname;
const RELEASES = readdirSync(HERE).filter((name) => existsSync(join(HERE, name, "data.tar.gz")));

interface Expected {
  readonly from: string;
  readonly to: string;
  /** When the release's process was killed. */
  readonly endedAt: string;
  readonly kpis: readonly Element[];
  readonly stops: readonly StopSegment[];
}

const folder = newFolder();
afterAll(() => folder.remove());

function plantOf(file: string): Plant {
  return plantFrom(readFileSync(file, "utf8"));
}

interface Opened {
  readonly url: string;
  readonly worker: Worker;
  close(): Promise<void>;
}

/** Starts log, store, worker and gateway as `oee start` does, but by the given clock: by today's the worker would first compute years of silence. */
async function open(data: string, plant: Plant, clock: () => number): Promise<Opened> {
  const log = openEmbeddedLog({ folder: join(data, "log"), now: clock });
  const of = topics("oee.", 3);
  await log.ensureTopics(allTopics(of));
  const store = await openStore({ embedded: { path: join(data, "store") } });
  await store.migrate();
  const [logger, metrics] = [pino({ level: "silent" }), new Registry()];
  const parts = { log, topics: of, store, clock, scheduler: systemScheduler(clock), logger };
  const worker = new Worker({
    ...parts,
    plant,
    live: { publish: () => undefined, onShown: anyShown },
    metrics: workerMetrics(metrics),
    settings: WORKER_DEFAULTS,
  });
  await worker.start();
  const inForce = { plant, model: new PlantModel(plant) };
  const live = { subscribe: () => () => undefined, show: () => undefined };
  const gateway = await buildGateway({ ...parts, plant: () => inForce, live, metrics, version: "test" });
  await listen(gateway, { host: "127.0.0.1", port: 0 });
  return {
    url: `http://127.0.0.1:${(gateway.server.address() as AddressInfo).port}`,
    worker,
    close: async () => {
      await gateway.close();
      await worker.close();
      await log.close();
      await store.close();
    },
  };
}

test("the data folder of release 0.1.0 is there", () => expect(RELEASES).toContain("0.1.0"));

describe.each(RELEASES)("the data folder of %s", (release) => {
  const file = (name: string): string => join(HERE, release, name);
  const expected = JSON.parse(readFileSync(file("expected.json"), "utf8")) as Expected;
  const plant = plantOf(file("plant.yaml"));
  const period = { from: Date.parse(expected.from), to: Date.parse(expected.to) };
  const data = folder.path(`${release}/data`);

  const verify = async (to: number): Promise<string> => {
    const span = ["--from", expected.from, "--to", instant(to)];
    const { code, stdout, stderr } = await runOee(["verify", "--plant", file("plant.yaml"), "--data", data, ...span])
      .ended;
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: "" });
    return stderr;
  };

  test("opens; its KPIs and stops are the same; an event that is sent now counts; `oee verify` finds no difference", async () => {
    mkdirSync(folder.path(release));
    const { status, stderr } = spawnSync("tar", ["-xzf", file("data.tar.gz"), "-C", folder.path(release)]);
    expect(status, String(stderr)).toBe(0);
    const minutes = ((period.to - period.from) / MINUTE_MS) * plant.machines.length;
    expect(Number(/^compared (\d+) rows, 0 differ$/m.exec(await verify(period.to))?.[1])).toBeGreaterThan(minutes / 2);

    const [openedAt, startedAt] = [Date.parse(expected.endedAt) + 2 * MINUTE_MS, Date.now()];
    const clock = (): number => openedAt + (Date.now() - startedAt);
    const { url, worker, close } = await open(data, plant, clock);
    try {
      await until("the worker to be at the end of the log", () => {
        const { ready, machines, lag, recomputing } = worker.status();
        return (ready && machines === plant.machines.length && lag === 0 && recomputing === 0) || undefined;
      });
      await worker.settle();
      const question = `from=${expected.from}&to=${expected.to}`;
      const kpis = (await getJson<Element[]>(url, `/api/v1/kpis?${question}&every=hour`)).body;
      // Only components that the release had are compared: later ones were not known, and ratios follow from today's formulas.
      const was = expected.kpis.map(({ scope, from, to, components }) => ({
        ...{ scope, from, to },
        components: expect.objectContaining(components) as unknown,
      }));
      expect(kpis.map(({ scope, from, to, components }) => ({ scope, from, to, components }))).toEqual(was);
      const stops = (await getJson<StopSegment[]>(url, `/api/v1/stops?${question}&limit=10000`)).body;
      expect(stops).toEqual(expected.stops.map((stop) => expect.objectContaining(stop) as StopSegment));

      const [machine] = plant.machines;
      const at = instant(openedAt - MINUTE_MS);
      const sent = await postLines(url, [JSON.stringify({ type: "count", machine: machine?.id, at, good: 5 })]);
      expect(sent.body).toMatchObject({ accepted: 1 });
      const since = `/api/v1/kpis?scope=${machine?.id}&from=${expected.to}&to=now`;
      await until("the event that came after", async () => {
        const [element] = (await getJson<Element[]>(url, since)).body;
        return element?.components.goodCount === 5 ? true : undefined;
      });
      await worker.settle();
    } finally {
      await close();
    }
    expect(await verify(openedAt)).toMatch(/^compared \d+ rows, 0 differ$/m);
  });
});
