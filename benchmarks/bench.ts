/**
 * Runs a benchmark with its arguments, `npm run bench -- benchmarks/FILE.ts …`, or compares two commits,
 * `npm run bench -- --compare COMMIT …` (`compare.ts`).
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [first] = process.argv.slice(2);
if (first === undefined) throw new Error("found no argument, expected a benchmark's file, or --compare COMMIT");
if (first.startsWith("--")) await import("./compare.ts");
else {
  // Arguments are moved, so that the benchmark finds them where it does when it is run directly.
  process.argv.splice(1, 1);
  await import(pathToFileURL(resolve(first)).href);
}
