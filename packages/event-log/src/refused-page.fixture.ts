/**
 * A log whose disk refuses to write existing pages again. The file is made longer than a limit that is set only then, and Linux
 * refuses writes beyond it as a broken disk does. Prints the error and ends at once, as `oee start` does.
 */
import { spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import { openEmbeddedLog } from "./embedded.ts";

const TOPIC = "keyed";
const MANY = 60;
const log = openEmbeddedLog({
  folder: process.argv[2] ?? "",
  onMemoryDamaged: ({ code, message }) => {
    writeSync(1, JSON.stringify({ code, message }));
    // `process.exit` would free memory that may be damaged.
    process.kill(process.pid, "SIGKILL");
  },
});
await log.ensureTopics([
  { name: TOPIC, partitions: 1, cleanup: "compact", retentionMs: null, retentionBytes: null, recordBytesMax: 1 << 20 },
]);
// A newer record of a key replaces the older one, whose pages become free and are written again.
const put = (key: string, i: number): Promise<void> =>
  log.append(TOPIC, [{ key: `${key} ${i}`, value: Buffer.alloc(250_000, 1) }]);
for (let i = 0; i < MANY; i++) await put("a", i);
await log.append(
  TOPIC,
  Array.from({ length: MANY }, (_, i) => ({ key: `a ${i}`, value: Buffer.from("short") })),
);
const limited = spawnSync("prlimit", ["--pid", String(process.pid), "--fsize=1048576"], { encoding: "utf8" });
if (limited.status !== 0) throw new Error(limited.stderr);
for (let i = 0; i < MANY; i++) await put("b", i).catch(() => undefined);
writeSync(1, "nothing was refused");
