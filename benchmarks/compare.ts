/**
 * Compares two commits, which run in turn: this checkout as it was last built, and another one that is built in a worktree of its
 * own. Without a file it runs `oee start --kafka` of both on the same topic of a real Kafka broker and compares processor time an
 * event; with a benchmark's file and its arguments it runs that file of each commit (`--same-file`: this checkout's file in both).
 * It prints the ratio of costs of each round, and their median with its spread; a median that is more than 5 % worse fails. A busy
 * machine raises processor time too, so look at the spread before you believe a ratio.
 *
 *     npm run build && npm run bench -- --compare COMMIT [--machines 1000] [--seconds 240] [--rounds 5]
 *     npm run build && npm run bench -- --compare COMMIT [--rounds 5] benchmarks/engine.ts speed 300000 3
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./peers/contestants.ts";
import { Stage, spreadOf, told } from "./peers/stage.ts";

const WORSE_MAX = 1.05;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    compare: { type: "string" },
    machines: { type: "string", default: "1000" },
    seconds: { type: "string", default: "240" },
    rounds: { type: "string", default: "5" },
    "same-file": { type: "boolean", default: false },
  },
});
const commit = values.compare;
if (commit === undefined) throw new Error("found no --compare, expected --compare COMMIT");

/** Costs by what was measured; less is better. */
type Costs = ReadonlyMap<string, number>;

const folder = mkdtempSync(join(tmpdir(), "oee-compare-"));
const other = join(folder, "checkout");
const run = (cwd: string, command: string, ...args: readonly string[]): void => {
  execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
};

try {
  run(ROOT, "git", "worktree", "add", "--detach", other, commit);
  // `npm ci` builds the commit by its `prepare` script.
  run(other, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund");
  const [file, ...args] = positionals;
  if (file === undefined) {
    const stage = await Stage.open({ machines: Number(values.machines), seconds: Number(values.seconds) });
    try {
      await inTurn(async (root, round) => {
        const events = await stage.fill();
        const result = await stage.run({ name: "oee", round, root });
        console.log(`  ${round} ${nameOf(root)}: ${events} events, ${told(result)}; load ${loadavg()[0]?.toFixed(0)}`);
        return new Map([
          ["over all", result.overAll],
          ["steady", result.steady],
          ["memory", result.memory],
        ]);
      });
    } finally {
      await stage.close();
    }
  } else {
    const path = relative(ROOT, resolve(file));
    // The other commit may not have this benchmark.
    if (values["same-file"]) copyFileSync(join(ROOT, path), join(other, path));
    await inTurn((root, round) => {
      const printed = execFileSync("npx", ["tsx", "--expose-gc", path, ...args], { cwd: root, encoding: "utf8" });
      console.log(`  ${round} ${nameOf(root)}; load ${loadavg()[0]?.toFixed(0)}`);
      return costsIn(printed);
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  run(ROOT, "git", "worktree", "prune");
}

async function inTurn(measure: (root: string, round: number) => Costs | Promise<Costs>): Promise<void> {
  const ratios = new Map<string, number[]>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    // The first to run has colder caches, so the commits take turns in being first.
    const costs = new Map<string, Costs>();
    for (const root of round % 2 === 1 ? [ROOT, other] : [other, ROOT]) costs.set(root, await measure(root, round));
    for (const [name, cost] of costs.get(ROOT) ?? []) {
      const before = costs.get(other)?.get(name);
      if (before === undefined) continue;
      if (!ratios.has(name)) ratios.set(name, []);
      ratios.get(name)?.push(cost / before);
    }
  }
  if (ratios.size === 0) throw new Error("found nothing that both commits measure");
  console.log(`\n| cost of this ÷ ${commit} | median | spread |\n| --- | --- | --- |`);
  for (const [name, numbers] of ratios) {
    const { least, middle, most } = spreadOf(numbers);
    console.log(`| ${name} | ${middle.toFixed(2)} | ${least.toFixed(2)} to ${most.toFixed(2)} |`);
    if (middle <= WORSE_MAX) continue;
    console.log(`${name} is more than 5 % worse`);
    process.exitCode = 1;
  }
}

function nameOf(root: string): string {
  return root === ROOT ? "this" : (commit ?? "");
}

/** The costs in a benchmark's output, by lines such as `NAME: 2.4 M events/s (least to most)`, whose inverse is a cost, or `NAME   854 (least to most)`, which is one. */
function costsIn(printed: string): Costs {
  const costs = new Map<string, number>();
  for (const line of printed.split("\n")) {
    const [, name, number, rate] = /^(.+?):? +([0-9.]+)( M events\/s)? +\(/.exec(line) ?? [];
    if (name !== undefined) costs.set(name.trim(), rate === undefined ? Number(number) : 1 / Number(number));
  }
  return costs;
}
