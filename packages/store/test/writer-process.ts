/** A process that a test can kill: it opens the store in a folder, writes one row after the other, and prints the number of each that was acknowledged. */
import { openStore, StoreError } from "../src/index.ts";
import { event, row, stamp } from "./rows.ts";

const [path = "", task = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = await openStore({ embedded: { path } });
  await store.migrate();
  for (let i = 0; ; i++) {
    await store.insertRows([row("kill/a/l/m", i)], stamp(1));
    if (task === "fill") {
      const raw = Array.from({ length: 50_000 }, (_, n) => Math.sin(i * 1e6 + n)).join();
      await store.insertEvents([event("kill/a/l/m", 0, i, { raw })]);
    }
    process.stdout.write(`${i}\n`);
  }
}

main().catch((error: unknown) => {
  process.stdout.write(error instanceof StoreError ? `${error.code}: ${error.message}\n` : `${String(error)}\n`);
  process.exit(3);
});
