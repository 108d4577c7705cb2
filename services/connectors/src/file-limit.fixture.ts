/** Puts events until the system twice does not let the outbox's file grow, removes one, and prints the errors and what waits. */
import { Outbox } from "./outbox.ts";

const outbox = new Outbox({ folder: process.argv[2] ?? "", bytesMax: 1 << 30 });
const refused: string[] = [];
let kept = 0;
while (refused.length < 2 && kept < 1_000) {
  try {
    await outbox.put([{ machine: "m", json: `${kept} ${"x".repeat(60_000)}` }], new Map());
    kept += 1;
  } catch (error) {
    refused.push(String((error as { code?: unknown }).code));
  }
}
await outbox.remove(outbox.oldest("m", 1));
await outbox.flush();
process.stdout.write(JSON.stringify({ refused, kept, waiting: outbox.waiting.events }));
await outbox.close();
