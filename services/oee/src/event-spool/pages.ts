/**
 * Pages of a fixed size, each written once from its start to its end and read as often as wanted. Beyond the bound of
 * memory, full pages go to a temporary file, which the system removes with the process, however that ends.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, reasonOf } from "../failure.ts";

/** Powers of 2, so that places are told apart by their bits. */
export const PAGE_SHIFT = 12;
export const PAGE_BYTES: number = 1 << PAGE_SHIFT;
/** Memory is asked for so many at a time; the system gives it page by page, as it is written. */
export const SLAB_SHIFT = 22;
const SLAB_BYTES = 1 << SLAB_SHIFT;
const SLAB_PAGES = SLAB_BYTES / PAGE_BYTES;
/** Pages are written to the file so many at a time. */
const RUN_PAGES = 1 << 8;

type Transfer = (descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number) => number;

/** Where a full page is: a slot in memory, or its place in the file as `-1 - place`. */
type Location = number;

export class Pages {
  readonly #memoryPagesMax: number;
  readonly #slabs: DataView[] = [];
  #slotsUsed = 0;
  readonly #freeSlots: number[] = [];
  /** By page, in the order in which they became full. */
  readonly #locations: Location[] = [];
  /** From here on, full pages are in memory. */
  #firstInMemory = 0;
  #descriptor: number | null = null;
  #pagesInFile = 0;

  constructor(memoryBytesMax: number) {
    this.#memoryPagesMax = Math.ceil(memoryBytesMax / PAGE_BYTES);
  }

  /** How much of it is in the file. */
  get fileBytes(): number {
    return this.#pagesInFile * PAGE_BYTES;
  }

  /** An empty page, all zeros, to be written in memory: its slot, whose bytes are those from `slot * PAGE_BYTES` on. */
  open(): number {
    if (this.#freeSlots.length === 0 && this.#slotsUsed >= this.#memoryPagesMax) this.#spill();
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    if (this.#slotsUsed % SLAB_PAGES === 0) this.#slabs.push(new DataView(new ArrayBuffer(SLAB_BYTES)));
    return this.#slotsUsed++;
  }

  /** The memory in which slots are, by `SLAB_SHIFT`. */
  get slabs(): readonly DataView[] {
    return this.#slabs;
  }

  /** Gives the full page in a slot away; its number is for `read`. */
  close(slot: number): number {
    return this.#locations.push(slot) - 1;
  }

  /** A full page; valid until the next call of anything here. */
  read(page: number, into: Uint8Array): DataView {
    const location = this.#locations[page] ?? 0;
    if (location >= 0) return this.readOpen(location);
    this.#transfer(readSync, into, (-1 - location) * PAGE_BYTES);
    return new DataView(into.buffer, into.byteOffset, PAGE_BYTES);
  }

  /** A page that is not full. */
  readOpen(slot: number): DataView {
    const { buffer, byteOffset } = this.#slot(slot);
    return new DataView(buffer, byteOffset, PAGE_BYTES);
  }

  dispose(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #slot(slot: number): Uint8Array {
    const { buffer } = this.#slabs[Math.floor(slot / SLAB_PAGES)] as DataView;
    return new Uint8Array(buffer, (slot % SLAB_PAGES) * PAGE_BYTES, PAGE_BYTES);
  }

  /** Writes all full pages to the file, in runs. */
  #spill(): void {
    const run = new Uint8Array(RUN_PAGES * PAGE_BYTES);
    let pagesInRun = 0;
    const write = (): void => {
      this.#transfer(writeSync, run.subarray(0, pagesInRun * PAGE_BYTES), this.fileBytes);
      this.#pagesInFile += pagesInRun;
      pagesInRun = 0;
    };
    for (let page = this.#firstInMemory; page < this.#locations.length; page++) {
      const slot = this.#locations[page] ?? 0;
      run.set(this.#slot(slot), pagesInRun * PAGE_BYTES);
      this.#slot(slot).fill(0);
      this.#locations[page] = -1 - (this.#pagesInFile + pagesInRun);
      this.#freeSlots.push(slot);
      if (++pagesInRun === RUN_PAGES) write();
    }
    if (pagesInRun > 0) write();
    this.#firstInMemory = this.#locations.length;
  }

  #transfer(call: Transfer, bytes: Uint8Array, position: number): void {
    try {
      this.#descriptor ??= temporaryFile();
      for (let done = 0; done < bytes.length; ) {
        const count = call(this.#descriptor, bytes, done, bytes.length - done, position + done);
        if (count === 0) throw new Error("it is shorter than what was written");
        done += count;
      }
    } catch (error) {
      throw new Failure(`the temporary file of events in ${tmpdir()}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** Has no name any more when it is returned. */
function temporaryFile(): number {
  const folder = mkdtempSync(join(tmpdir(), "oee-replay-"));
  try {
    return openSync(join(folder, "events"), "w+");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
