/** The process that `embedded.test.ts` kills: it appends numbers without end and prints each once its append is acknowledged. */
import { openEmbeddedLog } from "./embedded.ts";

const log = openEmbeddedLog({ folder: process.argv[2] ?? "" });
const events = { name: "events", partitions: 1, cleanup: "delete", retentionMs: null, retentionBytes: null } as const;
await log.ensureTopics([{ ...events, recordBytesMax: 1_000_000 }]);
for (let i = 0; ; i += 1) {
  await log.append("events", [{ key: "k", value: Buffer.from(String(i)) }]);
  process.stdout.write(`${i}\n`);
}
