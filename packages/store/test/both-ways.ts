/** What many tests of the store are set up with, by hooks of vitest. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe } from "vitest";
import { connectEmbedded } from "../src/embedded-transport.ts";
import type { Transport } from "../src/transport.ts";
import { openWay, type OpenWay, temporaryFolder } from "./ways.ts";

/** Registers tests for each way to ClickHouse; `on` has a store, empty at first, while they run. */
export function byBothWays(tests: (on: Readonly<OpenWay>) => void): void {
  describe.each(["embedded", "server"] as const)("%s", (way) => {
    const on = {} as OpenWay;
    beforeAll(async () => Object.assign(on, await openWay(way)));
    afterAll(() => on.close());
    tests(on);
  });
}

/** Opens a ClickHouse in the process, without tables, for the tests of a file; `on` has it while they run. */
export function onEmbedded(): { readonly transport: Transport } {
  const on = {} as { transport: Transport };
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    on.transport = await connectEmbedded({ path: folder });
  });
  afterAll(async () => {
    await on.transport.close();
    await rm(folder, { recursive: true, force: true });
  });
  return on;
}
