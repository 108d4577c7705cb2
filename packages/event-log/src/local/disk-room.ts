/**
 * LMDB is not asked to write what the disk may refuse. lmdb 3.5.6 has 100 bytes for the text that describes a refused write,
 * and writes beyond them where it is longer: the memory of the whole process is damaged then, and sooner or later it crashes,
 * maybe at its very end. So before each transaction it is looked whether the disk can be written to, and how much of it is
 * free; so much is left that neither what comes at the same moment nor ClickHouse beside it uses it up in between.
 */
import { closeSync, openSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { LogError } from "../error.ts";

/** Below that nothing is added to the log; below half of it nothing is written at all. */
const FREE_BYTES_MIN = 64 * 1024 * 1024;
/** What a transaction writes: pages that hold what was put, and copies of those that lead to them. */
const PAGES_FACTOR = 2;
/** From this length on the text did not fit with the zero that ends it. */
const TEXT_BYTES = 100;

/**
 * Throws `OEE_LOG_FULL` where the disk of `folder`, which LMDB has open, has no room, and what the system says (`EROFS`) where it has become
 * read-only, as Linux makes a damaged one.
 *
 * @param added bytes that the transaction adds; 0: it deletes, or replaces a small text.
 */
export function checkRoom(folder: string, added: number): void {
  // To ask for the right is not enough: ext4 that was damaged still grants it, and refuses each opening.
  closeSync(openSync(join(folder, "data.mdb"), "r+"));
  const free = freeBytes(folder);
  const needed = added === 0 ? FREE_BYTES_MIN / 2 : FREE_BYTES_MIN + PAGES_FACTOR * added;
  if (free === null || free >= needed) return;
  throw new LogError(
    "OEE_LOG_FULL",
    `the disk of ${folder} is full: ${free} bytes are left, of which the log keeps ${needed} free: free some space`,
  );
}

/** Whether the text of a refused write, which `error` carries, was written beyond its memory. */
export function damagedMemory(error: unknown): boolean {
  const text = error instanceof Error ? /Attempting to write page at .*/s.exec(error.message)?.[0] : undefined;
  return text !== undefined && text.length >= TEXT_BYTES;
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
