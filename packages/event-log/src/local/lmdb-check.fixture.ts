/** Opens the log in each folder named, reads all its records and appends one; prints one line for each folder. */
import { openEmbeddedLog } from "../embedded.ts";

for (const folder of process.argv.slice(2)) {
  let told = "opened";
  try {
    const log = openEmbeddedLog({ folder, cleanIntervalMs: 3_600_000 });
    let records = 0;
    await new Promise<void>((resolve) => {
      log.followKeyed({
        topic: "events",
        onBatch: (batch) => {
          records += batch.length;
        },
        onCaughtUp: resolve,
      });
    });
    await log.append("events", [{ key: "k", value: Buffer.from("after") }]);
    await log.close();
    told = `read ${records} records, ${log.describe().unreadableBatches} unreadable`;
  } catch (error) {
    told = String((error as { code?: unknown }).code ?? error);
  }
  process.stdout.write(`${told}\n`);
}
