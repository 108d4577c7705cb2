/** Programs that end because their memory was damaged. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const ATTEMPTS = 10;
const TIMEOUT_MS = 240_000;

/**
 * Runs a program, in a folder of its own each time, until it says something that is JSON. How long lmdb's text of a refused write is, and
 * so whether it damages memory, hangs on numbers in it that lmdb never set; and what is damaged may end the process before it says so.
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
