/**
 * LMDB is not asked to write what the disk may refuse. lmdb 3.5.6 has 100 bytes for the text that describes a refused write,
 * and writes beyond them where it is longer: the memory of the whole process is damaged then, and sooner or later it crashes,
 * maybe at its very end. So free space is looked at before each transaction, and so much of it is left that neither what
 * comes at the same moment nor ClickHouse beside it uses it up in between.
 */
import { statfsSync } from "node:fs";
import { LogError } from "../error.ts";

/** Below that nothing is added to the log; below half of it nothing is written at all. */
const FREE_BYTES_MIN = 64 * 1024 * 1024;
/** What a transaction writes: pages that hold what was put, and copies of those that lead to them. */
const PAGES_FACTOR = 2;
/** From this length on the text did not fit with the zero that ends it. */
const TEXT_BYTES = 100;

/**
 * Throws `OEE_LOG_FULL` where the disk of `folder` has no room.
 *
 * @param added bytes that the transaction adds; 0: it deletes, or replaces a small text.
 */
export function checkRoom(folder: string, added: number): void {
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
