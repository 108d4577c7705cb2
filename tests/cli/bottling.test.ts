/** The bottling line of `../shared/data/bottling`: every figure of its table "What an engine must find". */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { oee, ROOT } from "./oee.ts";

const DATA = join(ROOT, "../shared/data/bottling");
const HERE = existsSync(DATA);

/** planned, run, minor stop, unplanned stop (ms), minor stops, stops, good, ideal time (ms) */
const TIMES: Readonly<Record<string, readonly number[]>> = {
  all: [887717926, 412875985, 127182380, 347659561, 1216, 172, 60888, 353663160],
  "2022-07-26": [33121554, 8430531, 5145070, 19545953, 44, 6, 2243, 12000050],
  "2022-09-28": [13725643, 3465000, 2550295, 7710348, 26, 1, 552, 3716480],
  "2022-10-10": [6690287, 2777212, 3058021, 855054, 29, 1, 672, 4138520],
  "2022-12-21": [29486567, 13820473, 3374780, 12291314, 29, 6, 2148, 15530040],
  "2023-01-13": [8130371, 4812948, 1907315, 1410108, 15, 3, 843, 4510050],
};

/** availability, performance, OEE (six decimals), throughput per hour (three) */
const KPIS: Readonly<Record<string, readonly string[]>> = {
  all: ["0.608367", "0.654861", "0.398396", "405.876"],
  "2022-07-26": ["0.409872", "0.883942", "0.362303", "594.802"],
  "2022-09-28": ["0.438252", "0.617838", "0.270769", "330.358"],
  "2022-10-10": ["0.872195", "0.709230", "0.618586", "414.585"],
  "2022-12-21": ["0.583155", "0.903159", "0.526682", "449.706"],
  "2023-01-13": ["0.826563", "0.671112", "0.554716", "451.589"],
};

interface ResultElement {
  readonly from: string;
  readonly components: Readonly<Record<string, number>>;
  readonly kpis: Readonly<Record<string, number>>;
}

function replay(args: readonly string[]): readonly ResultElement[] {
  const files = ["--plant", join(DATA, "plant.yaml"), "--events", join(DATA, "events.ndjson.gz")];
  const { status, stdout, stderr } = oee(["replay", ...files, "--format", "json", ...args]);
  expect(stderr).toMatch(/^read 2,998 events from 1 file/);
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

function figuresOf({ components: c, kpis }: ResultElement): {
  times: readonly (number | undefined)[];
  kpis: readonly string[];
} {
  const parts = ["runTime", "minorStopTime", "unplannedStopTime", "setupTime", "plannedStopTime"];
  const planned = parts.reduce((sum, name) => sum + (c[name] ?? Number.NaN), 0);
  const { runTime, minorStopTime, unplannedStopTime, minorStopCount, stopCount, goodCount, idealTime } = c;
  return {
    times: [planned, runTime, minorStopTime, unplannedStopTime, minorStopCount, stopCount, goodCount, idealTime],
    kpis: [
      ...["availability", "performance", "oee"].map((name) => (kpis[name] ?? Number.NaN).toFixed(6)),
      (kpis["throughput"] ?? Number.NaN).toFixed(3),
    ],
  };
}

describe.skipIf(!HERE)("the bottling line (skipped where ../shared is not)", () => {
  it("all seven months", () => {
    const [all] = replay([]);
    if (all === undefined) throw new Error("no element");
    expect(figuresOf(all)).toEqual({ times: TIMES["all"], kpis: KPIS["all"] });
    expect(all.components).toMatchObject({ plannedStopTime: 0, unknownTime: 0, setupTime: 0, failureCount: 0 });
    expect(all.kpis).toMatchObject({ quality: 1, mttr: null, mtbf: null });
  });

  it("its days, by local time", () => {
    // São Paulo is three hours behind UTC all year.
    const byDate = new Map(replay(["--every", "day"]).map((element) => [element.from.slice(0, 10), element]));
    for (const date of Object.keys(TIMES).filter((name) => name !== "all")) {
      const element = byDate.get(date);
      if (element === undefined) throw new Error(`no element of ${date}`);
      expect({ date, ...figuresOf(element) }).toEqual({ date, times: TIMES[date], kpis: KPIS[date] });
    }
  });

  it("its 1,388 stops", () => {
    const files = ["--plant", join(DATA, "plant.yaml"), "--events", join(DATA, "events.ndjson.gz")];
    const stops: readonly { minor: boolean; duration: number }[] = JSON.parse(
      oee(["replay", ...files, "--stops", "--format", "json"]).stdout,
    );
    expect(stops).toHaveLength(1388);
    expect(stops.reduce((sum, { duration }) => sum + duration, 0)).toBe(474_841_941);
    expect(stops.filter(({ minor }) => minor)).toHaveLength(1216);
    expect(Math.max(...stops.map(({ duration }) => duration))).toBe(20_989_901);
  });
});
