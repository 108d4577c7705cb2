/** Opens an empty store for a test, by either way to ClickHouse: embedded in this process, or over HTTP to `http-front.ts`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store, type StoreOptions } from "../src/index.ts";
import { type HttpFront, startHttpFront } from "./http-front.ts";

export interface OpenWay {
  readonly store: Store;
  readonly front: HttpFront | null;
  close(): Promise<void>;
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "oee-store-"));
}

export async function openWay(
  way: "embedded" | "server",
  options: Pick<StoreOptions, "retry" | "daySums"> = {},
): Promise<OpenWay> {
  const folder = await temporaryFolder();
  const front = way === "server" ? await startHttpFront(folder) : null;
  const store = await openStore({
    ...options,
    ...(front === null ? { embedded: { path: folder } } : { url: front.url, requestTimeoutMs: 60_000 }),
  });
  await store.migrate();
  return {
    store,
    front,
    async close() {
      await store.close();
      await front?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
