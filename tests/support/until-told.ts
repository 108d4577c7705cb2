/** Runs programs that lmdb may end by damaging their memory. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const ATTEMPTS = 10;
const TIMEOUT_MS = 240_000;

/**
 * Runs a program, each time with a new folder as argument, until it prints JSON, at most 10 times. lmdb's message of a refused write
 * has numbers in it that lmdb never set; its length depends on them, and so whether it overwrites memory. A damaged process may end
 * before it has printed anything.
 */
export function runUntilTold(script: string): { readonly ran: SpawnSyncReturns<string>; readonly folder: string } {
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), "oee-damaged-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const args = ["--import", "tsx", "-C", "@oee/source", script, folder];
    const ran = spawnSync(process.execPath, args, { encoding: "utf8", timeout: TIMEOUT_MS });
    if (ran.stdout.startsWith("{") || attempt === ATTEMPTS) return { ran, folder };
  }
}
