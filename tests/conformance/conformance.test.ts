/** Runs the examples in the folders beside this file through `oee replay`, or through the command that `OEE_COMMAND` names. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const command = process.env["OEE_COMMAND"]?.split(" ") ?? [process.execPath, "services/oee/bin/oee.js"];

interface Check {
  readonly field: string;
  readonly value: number | string;
  /** Of a `value` that is a number, how many decimals its source gives. */
  readonly decimals?: number;
  readonly times?: number;
  readonly per?: number;
  readonly tolerance?: number;
  readonly query?: number;
  readonly scope?: string;
  readonly select?: Readonly<Record<string, string>>;
}

interface Expected {
  readonly title: string;
  readonly checks: readonly Check[];
}

type ResultElement = Readonly<Record<string, unknown>>;

function replay(folder: string, options: string): readonly ResultElement[] {
  const [program = "", ...first] = command;
  const files = ["--plant", join(folder, "plant.yaml"), "--events", join(folder, "events.ndjson")];
  const args = [...first, "replay", ...files, ...options.split(" "), "--format", "json"];
  return JSON.parse(execFileSync(program, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}

function fieldOf(element: ResultElement | undefined, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as ResultElement | undefined)?.[key], element);
}

for (const entry of readdirSync(here, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  const folder = join(here, entry.name);
  const { title, checks }: Expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  const runs = readFileSync(join(folder, "args.txt"), "utf8").trim().split("\n");

  describe(`${entry.name}: ${title}`, () => {
    for (const [query, options] of runs.entries()) {
      it(`run ${query}: ${options}`, () => {
        const elements = replay(folder, options);
        const ofRun = checks.filter((check) => (check.query ?? 0) === query);
        expect(ofRun.length + (query === 0 ? 0 : 1)).toBeGreaterThan(0);
        for (const { field, value, decimals = 0, times = 1, per = 1, tolerance, scope, select = {} } of ofRun) {
          const picked = Object.entries(scope === undefined ? select : { scope, ...select });
          const found = elements.filter((element) => picked.every(([key, wanted]) => element[key] === wanted));
          expect(found, `the one element for ${JSON.stringify(picked)}`).toHaveLength(1);
          if (typeof value === "string") {
            expect(fieldOf(found[0], field), field).toBe(value);
            continue;
          }
          const actual = (Number(fieldOf(found[0], field)) * times) / per;
          const allowed = tolerance ?? 0.5 * 10 ** -decimals;
          // A published value is rounded: ours may differ by half a unit of its last decimal, and by the rounding of a double.
          expect(Math.abs(actual - value), `${field}: ${actual} for ${value}`).toBeLessThanOrEqual(allowed + 1e-9);
        }
      });
    }
  });
}
