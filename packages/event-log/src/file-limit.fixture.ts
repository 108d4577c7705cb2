/** Appends until the system does not let the log's file grow, appends once more, and prints both errors and how many records were written. */
import { join } from "node:path";
import { openEmbeddedLog } from "./embedded.ts";
import { LogError } from "./error.ts";

const log = openEmbeddedLog({ folder: join(process.argv[2] ?? "", "data") });
const events = { name: "events", partitions: 1, cleanup: "delete", retentionMs: null, retentionBytes: null } as const;
await log.ensureTopics([{ ...events, recordBytesMax: 1_000_000 }]);

let written = 0;
const refused: string[] = [];
while (refused.length < 2 && written < 1_000) {
  try {
    await log.append("events", [{ key: "k", value: Buffer.alloc(60_000, written % 256) }]);
    written += 1;
  } catch (error) {
    refused.push(error instanceof LogError ? error.code : String(error));
  }
}
await log.close();
process.stdout.write(JSON.stringify({ refused, written }));
