/**
 * Two commits in turn on the same topic of a real Kafka broker: `oee start --kafka` of this checkout, as it was last built,
 * and of another commit, which is built in a worktree of its own. Printed is what an event costs the processor, the ratio
 * of each round and their median with its spread; a median that is more than 5 % worse fails. Processor time is compared,
 * not time, but a busy machine makes that dearer too: look at the spread before you believe a ratio.
 *
 *     npm run build && npm run bench -- --compare COMMIT [--machines 1000] [--seconds 240] [--rounds 5]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./peers/contestants.ts";
import { type Result, spreadOf, Stage, told } from "./peers/stage.ts";

const WORSE_MAX = 1.05;

const { values } = parseArgs({
  options: {
    compare: { type: "string" },
    machines: { type: "string", default: "1000" },
    seconds: { type: "string", default: "240" },
    rounds: { type: "string", default: "5" },
  },
});
const commit = values.compare;
if (commit === undefined) throw new Error("found no --compare, expected --compare COMMIT");

const folder = mkdtempSync(join(tmpdir(), "oee-compare-"));
const other = join(folder, "checkout");
const run = (cwd: string, command: string, ...args: readonly string[]): void => {
  execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
};

try {
  run(ROOT, "git", "worktree", "add", "--detach", other, commit);
  // Builds it too.
  run(other, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund");
  const stage = await Stage.open({ machines: Number(values.machines), seconds: Number(values.seconds) });
  try {
    console.log(`${stage.filled.events} events of ${values.machines} machines`);
    const ratios: Record<"overAll" | "steady" | "memory", number[]> = { overAll: [], steady: [], memory: [] };
    for (let round = 1; round <= Number(values.rounds); round++) {
      // Whichever runs first has the colder caches: they take turns in that too.
      const roots = round % 2 === 1 ? [ROOT, other] : [other, ROOT];
      const results = new Map<string, Result>();
      for (const root of roots) {
        const result = await stage.run({ name: "oee", round, root });
        results.set(root, result);
        console.log(`  ${round} ${root === ROOT ? "this" : commit}: ${told(result)}; load ${loadavg()[0]?.toFixed(0)}`);
      }
      const [here, there] = [results.get(ROOT), results.get(other)];
      if (here === undefined || there === undefined) continue;
      for (const key of ["overAll", "steady", "memory"] as const) ratios[key].push(here[key] / there[key]);
    }
    console.log(`\n| this ÷ ${commit} | median | spread |\n| --- | --- | --- |`);
    for (const [key, numbers] of Object.entries(ratios)) {
      const { least, middle, most } = spreadOf(numbers);
      console.log(`| ${key} | ${middle.toFixed(2)} | ${least.toFixed(2)} to ${most.toFixed(2)} |`);
      if (middle <= WORSE_MAX) continue;
      console.log(`${key} is more than 5 % worse`);
      process.exitCode = 1;
    }
  } finally {
    await stage.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  run(ROOT, "git", "worktree", "prune");
}
