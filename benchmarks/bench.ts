/**
 * Runs a benchmark, with what it takes: `npm run bench -- benchmarks/FILE.ts …`, or two commits in turn:
 * `npm run bench -- --compare COMMIT …` (`compare.ts`).
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [first] = process.argv.slice(2);
if (first === undefined) throw new Error("found no argument, expected a benchmark's file, or --compare COMMIT");
if (first.startsWith("--")) await import("./compare.ts");
else {
  // As if it had been run itself.
  process.argv.splice(1, 1);
  await import(pathToFileURL(resolve(first)).href);
}
