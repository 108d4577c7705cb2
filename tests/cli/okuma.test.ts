/** A real machine tool's adapter log, through the SHDR reader and `oee replay`. Figures: ../shared/data/mtconnect/README.md. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ShdrReader } from "../../services/connectors/src/shdr/shdr-reader.ts";
import { folderWith, ndjson, oee, ROOT } from "./oee.ts";

const LOG = join(ROOT, "../shared/data/mtconnect/okuma.shdr.gz");

const PLANT = `enterprise: imts
sites: { shop: { areas: { turning: { lines: { c1: { machines: {
  okuma: { idealCycleSeconds: null, states: mtconnect, minorStopThreshold: 0 } } } } } } } }
`;

interface ResultElement {
  readonly product: string | null;
  readonly components: Readonly<Record<string, number>>;
}

function replay(args: readonly string[]): readonly ResultElement[] {
  const reader = new ShdrReader({
    machine: "shop/turning/c1/okuma",
    execution: "pexecution",
    availability: "avail",
    totals: { good: "ppartcount" },
    program: "pprogram",
  });
  const lines = gunzipSync(readFileSync(LOG)).toString("utf8").split("\n");
  const file = folderWith({
    "plant.yaml": PLANT,
    "okuma.ndjson": ndjson(lines.flatMap((line) => reader.read(line, 0))),
  });
  const files = ["--plant", file("plant.yaml"), "--events", file("okuma.ndjson")];
  const { status, stdout, stderr } = oee(["replay", ...files, ...args, "--format", "json"]);
  expect(status).toBe(0);
  expect(stderr).not.toMatch(/refused/);
  return JSON.parse(stdout);
}

describe.skipIf(!existsSync(LOG))("the Okuma turn-mill (skipped where ../shared is not)", () => {
  it("P-2, CN-2: ran as long as the log says, and counted five parts", () => {
    // ACTIVE for 604.9626786, 186.7296259, 16.7518982 and 548.9318815 s, each end cut to its millisecond.
    expect(replay([])).toMatchObject([
      { components: { runTime: 604_963 + 186_729 + 16_752 + 548_932, goodCount: 5, unknownTime: 0, failureCount: 0 } },
    ]);
  });

  it("CN-3: its time and parts belong to the four programs", () => {
    const found = replay(["--by", "product"]).map(({ product, components }) => [product, components["runTime"]]);
    expect(found).toEqual([
      ["IMTS-2022-1E-mm.MIN", 604_963],
      ["IMTS-2022-2-HOB.MIN", 186_729],
      ["IMTS-2022-3-TRAN.MIN", 16_752],
      ["IMTS-2022-4B-mm.MIN", 548_932],
    ]);
  });
});
