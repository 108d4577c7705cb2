/** A real adapter's log (../shared/data/mtconnect): an Okuma turn-mill making four parts, recorded by its maker. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { EventDecoder, isRefusal, type PlantEvent } from "@oee/model";
import { describe, expect, test } from "vitest";
import { ShdrReader } from "./shdr-reader.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";

const LOG = fileURLToPath(new URL("../../../../../shared/data/mtconnect/okuma.shdr.gz", import.meta.url));
const missing = !existsSync(LOG);

const PLANT = `
enterprise: imts
sites: { shop: { areas: { turning: { lines: { c1: { machines: {
  okuma: { idealCycleSeconds: null, states: mtconnect } } } } } } } }
`;

/** All events of the log, in log order. */
function readLog(): PlantEvent[] {
  const plant = plantFrom(PLANT);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const reader = new ShdrReader({
    machine: "shop/turning/c1/okuma",
    execution: "pexecution",
    availability: "avail",
    emergencyStop: { item: "estop", state: "down", reason: "emergency-stop" },
    functionalMode: { item: "fmode", states: { SETUP: "setup", MAINTENANCE: "maintenance" } },
    totals: { good: "ppartcount" },
    program: "pprogram",
  });
  const lines = gunzipSync(readFileSync(LOG)).toString("utf8").split("\n");
  return lines
    .flatMap((line) => reader.read(line, 0))
    .map((event) => {
      const decoded = decoder.decodeValue(event, null);
      if (isRefusal(decoded)) throw new Error(`${JSON.stringify(event)}: ${decoded.detail}`);
      return decoded;
    });
}

function byTime(events: readonly PlantEvent[]): PlantEvent[] {
  return events.toSorted((a, b) => a.at - b.at);
}

describe.skipIf(missing)(`the Okuma log${missing ? `, skipped: there is no ${LOG}` : ""}`, () => {
  test("TL-5: 16 execution values are 16 states, in time order READY, ACTIVE, PROGRAM_COMPLETED, READY four times", () => {
    const states = byTime(readLog()).flatMap((event) => (event.type === "state" ? [event.state] : []));
    expect(states).toEqual(Array.from({ length: 4 }, () => ["idle", "running", "idle", "idle"]).flat());
  });

  test("P-2: ACTIVE lasts as long as in the log, with both ends cut to milliseconds", () => {
    const states = byTime(readLog()).filter((event) => event.type === "state");
    const active = states.flatMap((event, i) => {
      const next = states[i + 1];
      return event.state === "running" && next !== undefined ? [next.at - event.at] : [];
    });
    // In the log, to 100 ns: 604.9626786, 186.7296259, 16.7518982 and 548.9318815 s.
    expect(active).toEqual([604_963, 186_729, 16_752, 548_932]);
  });

  test("CN-2: in time order the totals count five parts, one of them between two recordings", () => {
    const totals = byTime(readLog()).flatMap((event) => (event.type === "total" ? [event.good ?? 0] : []));
    expect(totals).toEqual([0, 1, 0, 1, 0, 1, 2, 3]);
  });

  test("CN-3: each recording has one job, and the log is not in order of time", () => {
    const jobs = readLog().filter((event) => event.type === "job");
    expect(jobs.map(({ product }) => product)).toEqual([
      "IMTS-2022-2-HOB.MIN",
      "IMTS-2022-1E-mm.MIN",
      "IMTS-2022-4B-mm.MIN",
      "IMTS-2022-3-TRAN.MIN",
    ]);
    expect(byTime(jobs).map(({ at }) => new Date(at).toISOString())).toEqual([
      "2022-08-08T13:37:18.850Z",
      "2022-08-08T13:51:34.716Z",
      "2022-08-08T13:57:41.918Z",
      "2022-08-08T14:21:07.643Z",
    ]);
  });

  test("CN-2: each part is counted after execution has left ACTIVE, within 0.4 s", () => {
    const events = byTime(readLog());
    const delays = events.flatMap((event) => {
      if (event.type !== "total" || event.good === 0) return [];
      const before = events.filter((other) => other.type === "state" && other.at <= event.at);
      const completed = before.findLastIndex((other) => other.type === "state" && other.state === "running") + 1;
      const end = before[completed];
      return end === undefined ? [] : [event.at - end.at];
    });
    expect(delays.filter((delay) => delay < 400)).toHaveLength(4);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(77);
  });
});
