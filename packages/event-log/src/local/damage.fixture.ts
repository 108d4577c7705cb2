/** Damages stored bytes, as a bad disk may. */
import type { Storage } from "./storage.ts";

/** Changes the newest batch of partition 0 of the first topic. */
export async function damageNewest(storage: Storage, change: (batch: Buffer) => void): Promise<void> {
  let newest = storage.batchAfter(0, -1) ?? 0;
  for (let next = storage.batchAfter(0, newest); next !== undefined; next = storage.batchAfter(0, newest))
    newest = next;
  const bytes = Buffer.from(storage.readBatches(0, newest, 0)[0]?.bytes ?? []);
  change(bytes);
  await storage.write([
    { kind: "deleteBatch", partition: 0, baseOffset: newest },
    { kind: "putBatch", partition: 0, baseOffset: newest, bytes },
  ]);
}
