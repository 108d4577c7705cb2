/**
 * An outbox whose disk refuses to write existing pages again. The file is made longer than a limit that is set only then, and Linux
 * refuses writes beyond it as a broken disk does. Prints the error and ends at once, as `oee connect` does.
 */
import { spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import { Outbox } from "./outbox.ts";

const folder = process.argv[2] ?? "";
const MANY = 60;
const outbox = new Outbox({
  folder,
  bytesMax: 1 << 30,
  onMemoryDamaged: ({ code, message }) => {
    writeSync(1, JSON.stringify({ code, message }));
    // `process.exit` would free memory that may be damaged.
    process.kill(process.pid, "SIGKILL");
  },
});
const json = "x".repeat(250_000);
for (let i = 0; i < MANY; i++) await outbox.put([{ machine: "m", json }], new Map());
await outbox.remove(outbox.oldest("m", MANY - 1));
await outbox.flush();
const limited = spawnSync("prlimit", ["--pid", String(process.pid), "--fsize=1048576"], { encoding: "utf8" });
if (limited.status !== 0) throw new Error(limited.stderr);
for (let i = 0; i < MANY; i++) await outbox.put([{ machine: "n", json }], new Map()).catch(() => undefined);
process.stdout.write("nothing was refused");
