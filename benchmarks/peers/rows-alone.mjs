/**
 * For `node --import`: `oee` without the inserts of raw events, of the days on which machines were heard of, and of stops, so that only
 * minute rows and checkpoints are kept, which is what its peers do. Everything else is done, raw events are gathered too.
 * The product has no such switch, for a recompute and corrections of the past begin with stored events.
 */
import { readdirSync, readFileSync } from "node:fs";
import { register } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

const WRITES = /^(?:async )?function writeBatches\(transport, table, [^\n]*\) \{$/m;
const LEFT_OUT = 'if (table === "events" || table === "asset_days" || table === "stops") return;';

let changed = "";

// Hooks have a thread of their own, in which this file is loaded again.
if (isMainThread) {
  const bundle = join(dirname(process.argv[1] ?? ""), "../bundle");
  const files = readdirSync(bundle).filter((name) => name.endsWith(".js"));
  const found = files.filter((name) => WRITES.test(readFileSync(join(bundle, name), "utf8")));
  if (found.length !== 1) throw new Error(`found writeBatches in ${found.length} files of ${bundle}, expected one`);
  register(import.meta.url, { data: pathToFileURL(join(bundle, found[0] ?? "")).href });
}

/** @type {import("node:module").InitializeHook<string>} */
export function initialize(url) {
  changed = url;
}

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (url !== changed || loaded.source === undefined) return loaded;
  return { ...loaded, source: Buffer.from(loaded.source).toString().replace(WRITES, `$& ${LEFT_OUT}`) };
}
