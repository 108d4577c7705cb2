/**
 * Pages of a fixed size, each written once from its start to its end and read as often as wanted. Beyond the bound of
 * memory, full pages go to a temporary file, which the system removes with the process, however that ends.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, reasonOf } from "../failure.ts";

export const PAGE_BYTES: number = 1 << 12;
/** Memory is taken so many at a time. */
const SLAB_PAGES = 1 << 4;
/** Pages are written to the file so many at a time. */
const RUN_PAGES = 1 << 8;

/** A page in memory while it is written. */
export interface OpenPage {
  readonly view: DataView;
  readonly slot: number;
}

type Transfer = (descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number) => number;

/** Where a full page is: a slot in memory, or its place in the file as `-1 - place`. */
type Location = number;

export class Pages {
  readonly #memoryPagesMax: number;
  readonly #slots: Uint8Array[] = [];
  #freeSlots: number[] = [];
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

  /** An empty page, all zeros. */
  open(): OpenPage {
    let slot = this.#freeSlots.pop();
    if (slot === undefined) {
      if (this.#slots.length >= this.#memoryPagesMax) this.#spill();
      if (this.#freeSlots.length === 0) this.#addSlab();
      slot = this.#freeSlots.pop() ?? 0;
    }
    const bytes = this.#slot(slot);
    return { view: new DataView(bytes.buffer, bytes.byteOffset, PAGE_BYTES), slot };
  }

  /** Gives a full page away; its number is for `read`. */
  close({ slot }: OpenPage): number {
    return this.#locations.push(slot) - 1;
  }

  /** A full page; valid until the next call of anything here. */
  read(page: number, into: Uint8Array): DataView {
    const location = this.#locations[page] ?? 0;
    if (location >= 0) {
      const bytes = this.#slot(location);
      return new DataView(bytes.buffer, bytes.byteOffset, PAGE_BYTES);
    }
    this.#transfer(readSync, into, (-1 - location) * PAGE_BYTES);
    return new DataView(into.buffer, into.byteOffset, PAGE_BYTES);
  }

  dispose(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #slot(slot: number): Uint8Array {
    return this.#slots[slot] as Uint8Array;
  }

  #addSlab(): void {
    const slab = new Uint8Array(SLAB_PAGES * PAGE_BYTES);
    for (let i = SLAB_PAGES - 1; i >= 0; i--) {
      this.#freeSlots.push(this.#slots.push(slab.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES)) - 1);
    }
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
