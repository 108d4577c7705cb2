/** The bottling line of `../shared/data/bottling`: every figure of its table "What an engine must find". */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AnsweredElement, FIGURES, figuresOf } from "./bottling-figures.ts";
import { oee, ROOT } from "./oee.ts";

const DATA = join(ROOT, "../shared/data/bottling");
const HERE = existsSync(DATA);

function replay(args: readonly string[]): readonly AnsweredElement[] {
  const files = ["--plant", join(DATA, "plant.yaml"), "--events", join(DATA, "events.ndjson.gz")];
  const { status, stdout, stderr } = oee(["replay", ...files, "--format", "json", ...args]);
  expect(stderr).toMatch(/^read 2,998 events from 1 file/);
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(!HERE)("the bottling line (skipped where ../shared is not)", () => {
  it("all seven months", () => {
    const [all] = replay([]);
    if (all === undefined) throw new Error("no element");
    expect(figuresOf(all)).toEqual(FIGURES["all"]);
    expect(all.components).toMatchObject({ plannedStopTime: 0, unknownTime: 0, setupTime: 0, failureCount: 0 });
    expect(all.kpis).toMatchObject({ quality: 1, mttr: null, mtbf: null });
  });

  it("its days, by local time", () => {
    // São Paulo is three hours behind UTC all year.
    const byDate = new Map(replay(["--every", "day"]).map((element) => [element.from.slice(0, 10), element]));
    for (const [date, figures] of Object.entries(FIGURES).filter(([name]) => name !== "all")) {
      const element = byDate.get(date);
      if (element === undefined) throw new Error(`no element of ${date}`);
      expect({ date, ...figuresOf(element) }).toEqual({ date, ...figures });
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
