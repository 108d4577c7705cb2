/** Fills a small file system with an embedded log, makes room, appends again, and prints errors, states and how many records were lost. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbeddedLog } from "./embedded.ts";
import { LogError } from "./error.ts";

const folder = process.argv[2] ?? "";
const ballast = join(folder, "ballast");
writeFileSync(ballast, Buffer.alloc(3_000_000));
const log = openEmbeddedLog({ folder: join(folder, "data") });
const events = { name: "events", partitions: 1, cleanup: "delete", retentionMs: null, retentionBytes: null } as const;
await log.ensureTopics([{ ...events, recordBytesMax: 1_000_000 }]);
const append = (i: number): Promise<void> => log.append("events", [{ key: "k", value: Buffer.alloc(60_000, i % 256) }]);

let written = 0;
let refused = "";
while (refused === "" && written < 1_000) {
  try {
    await append(written);
    written += 1;
  } catch (error) {
    refused = error instanceof LogError ? error.code : String(error);
  }
}
const { state, lastError } = log.describe();
rmSync(ballast);
await append(written);

let seen = 0;
let afterwards = "lost";
await new Promise<void>((resolve) => {
  log.followKeyed({
    topic: "events",
    onBatch(batch) {
      for (let i = 0; i < batch.length; i += 1) {
        const whole = batch.valueAt(i)?.equals(Buffer.alloc(60_000, batch.offsetAt(i) % 256)) === true;
        if (whole && batch.offsetAt(i) < written) seen += 1;
        if (whole && batch.offsetAt(i) === written) afterwards = "written";
      }
    },
    onCaughtUp: resolve,
  });
});
const recovered = log.describe().state;
await log.close();
process.stdout.write(
  `${JSON.stringify({ refused, status: lastError?.code, state, lost: written - seen, afterwards, recovered })}\n`,
);
