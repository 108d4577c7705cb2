/**
 * LMDB is not asked to write what the disk may refuse. lmdb 3.5.6 has 100 bytes for the text that describes a refused write,
 * and writes beyond them where it is longer: the memory of the whole process is damaged then, and sooner or later it crashes,
 * maybe at its very end. So two things are looked at before each transaction:
 *
 * - The file has the pages that the transaction may add. They are reserved ahead, by zeros behind the last page, which LMDB
 *   passes over: whatever refuses a file to grow (a full disk, a quota, a limit, a broken disk) refuses this harmless write.
 * - The disk has free space left, for file systems that write a changed page to another place, and for ClickHouse beside it.
 */
import { closeSync, fstatSync, openSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Below that nothing is added; below half of it nothing is written at all. */
const FREE_BYTES_MIN = 64 * 1024 * 1024;
/** What a transaction writes: pages that hold what was put, and copies of those that lead to them. */
const PAGES_FACTOR = 2;
const PAGES_OF_A_CHANGE = 4096;
const PAGES_OF_A_TRANSACTION = 256 * 1024;
/** So many of the reserved bytes are for transactions that only remove, so that what was read can go when nothing can be added. */
const FOR_REMOVALS = 2 * 1024 * 1024;
/** Reserved at once: an eighth of what is used, within these bounds, so that a small file stays small and a large one is seldom extended. */
const STEP_MIN = 1024 * 1024;
const STEP_MAX = 8 * 1024 * 1024;
const ZEROS = Buffer.alloc(STEP_MIN);
/** From this length on the text of a refused write did not fit with the zero that ends it. */
const TEXT_BYTES = 100;

/** The part of lmdb's database that tells how many pages of the file are in use. */
export interface PagesUsed {
  getStats(): unknown;
}

/** LMDB was not asked, and nothing was written. */
export class NoRoom extends Error {}

export class DiskRoom {
  readonly #folder: string;
  readonly #database: PagesUsed;
  /** What transactions under way may add (bytes). */
  #underWay = 0;
  /** The file's length, as last seen, and up to where it may be in use by now (bytes). */
  #length = 0;
  #usedMost = Infinity;

  /** Of the LMDB environment in `folder`. */
  constructor(folder: string, database: PagesUsed) {
    this.#folder = folder;
    this.#database = database;
  }

  /**
   * Runs a transaction of `changes` keys that adds `added` bytes; 0: it only removes and replaces. Throws `NoRoom` where there is no
   * room for it, and the system's error (`EROFS`) where the disk has become read-only, as Linux makes a damaged one.
   */
  async during(added: number, changes: number, transaction: () => Promise<unknown>): Promise<void> {
    const most = PAGES_OF_A_TRANSACTION + PAGES_OF_A_CHANGE * changes + PAGES_FACTOR * added;
    const wanted = added === 0 ? Math.min(most, FOR_REMOVALS) : most;
    this.#look(added, wanted);
    this.#underWay += wanted;
    try {
      await transaction();
    } finally {
      this.#underWay -= wanted;
    }
  }

  #look(added: number, wanted: number): void {
    const file = join(this.#folder, "data.mdb");
    // To ask for the right is not enough: ext4 that was damaged still grants it, and refuses each opening.
    const descriptor = openSync(file, "r+");
    try {
      const free = freeBytes(this.#folder);
      const kept = added === 0 ? FREE_BYTES_MIN / 2 : FREE_BYTES_MIN + PAGES_FACTOR * added;
      if (free !== null && free < kept) {
        throw new NoRoom(`the disk of ${this.#folder} is full: ${free} bytes are left, of which ${kept} are kept free`);
      }
      const refused = this.#reserve(descriptor, wanted, added === 0 ? 0 : FOR_REMOVALS);
      if (refused !== null) throw new NoRoom(`${file} cannot grow: ${refused}`);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Why the file cannot be as long as needed; `null`: it is. */
  #reserve(descriptor: number, wanted: number, left: number): string | null {
    this.#usedMost += wanted;
    if (this.#usedMost + left <= this.#length) return null;
    const used = bytesUsed(this.#database.getStats());
    this.#usedMost = used + this.#underWay + wanted;
    this.#length = fstatSync(descriptor).size;
    const needed = this.#usedMost + left;
    if (needed <= this.#length) return null;
    const until = needed + Math.min(Math.max(used / 8, STEP_MIN), STEP_MAX);
    try {
      while (this.#length < until) this.#length += writeSync(descriptor, ZEROS, 0, ZEROS.length, this.#length);
    } catch (error) {
      this.#length = fstatSync(descriptor).size;
      if (this.#length < needed) return error instanceof Error ? error.message : String(error);
    }
    return null;
  }
}

/** Whether the text of a refused write, which `error` carries, was written beyond its memory. */
export function damagedMemory(error: unknown): boolean {
  const text = error instanceof Error ? /Attempting to write page at .*/s.exec(error.message)?.[0] : undefined;
  return text !== undefined && text.length >= TEXT_BYTES;
}

function bytesUsed(stats: unknown): number {
  const { lastPageNumber, pageSize } = stats as { readonly lastPageNumber: number; readonly pageSize: number };
  return (lastPageNumber + 1) * pageSize;
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** LMDB's own reason, which a failed commit keeps in a promise that rejects. */
export async function commitCauseOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  if (commitError === undefined) return error;
  return commitError.then(
    () => error,
    (reason: unknown) => reason,
  );
}
