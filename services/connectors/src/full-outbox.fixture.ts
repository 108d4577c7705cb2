/** Fills a small file system with an outbox, makes room, puts another event, and prints errors and whether all kept events are there. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Outbox } from "./outbox.ts";

const folder = process.argv[2] ?? "";
const ballast = join(folder, "ballast");
writeFileSync(ballast, Buffer.alloc(3_000_000));
const options = { folder: join(folder, "data"), bytesMax: 1 << 30 };
const outbox = new Outbox(options);
const put = (i: number): Promise<void> =>
  outbox.put([{ machine: "m", json: `${i} ${"x".repeat(60_000)}` }], new Map([["mark", String(i)]]));

let kept = 0;
let refused = "";
let again = "";
while (refused === "" && kept < 1_000) {
  try {
    await put(kept);
    kept += 1;
  } catch (error) {
    refused = String((error as { code?: unknown }).code);
  }
}
const waiting = outbox.waiting.events;
const mark = outbox.note("mark");
// On a full disk the removal of a delivered event may succeed at once, or wait until there is room; both are fine.
await outbox.remove(outbox.oldest("m", 1));
await outbox.flush().catch((error: unknown) => (again = String((error as { code?: unknown }).code)));
rmSync(ballast);
await put(kept);
await outbox.close();
const reopened = new Outbox(options);
const found = reopened.oldest("m", 2_000).map(({ json }) => Number(json.split(" ", 1)[0]));
const expected = Array.from({ length: kept }, (_, i) => i + 1);
const last = reopened.note("mark");
await reopened.close();
const whole = JSON.stringify(found) === JSON.stringify(expected);
const marks = [mark === String(kept - 1), last === String(kept)];
process.stdout.write(
  `${JSON.stringify({ refused, again, counted: waiting === kept, whole, marks, some: kept > 5 })}\n`,
);
