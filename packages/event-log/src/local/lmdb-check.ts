/**
 * Looks at an LMDB file before it is opened. LMDB maps the file into memory and trusts it: where a page is missing, or is
 * not what the page before says, the process dies by a signal, or waits for ever, without a word. This reads the pages that
 * LMDB finds its way by (branches and leaves of all trees) and says what is wrong first. Values are not looked at: record
 * batches have checksums of their own.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const PAGE_HEADER_BYTES = 24;
const NODE_HEADER_BYTES = 8;
const META_AT = PAGE_HEADER_BYTES;
const FREE_TREE_AT = META_AT + 24;
const TREE_BYTES = 48;
const MAIN_TREE_AT = FREE_TREE_AT + TREE_BYTES;
const TRANSACTION_AT = MAIN_TREE_AT + TREE_BYTES + 8;
const BRANCH = 0x01;
const LEAF = 0x02;
const VALUE_ELSEWHERE = 0x01;
const VALUE_IS_TREE = 0x02;
const NO_ROOT = 0xffff_ffff_ffff_ffffn;

/** What is wrong with the file, in a sentence; null when nothing is, or when there is no file. */
export function damageOf(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    new LmdbPages(file).check();
    return null;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  } finally {
    closeSync(file);
  }
}

class Damage extends Error {}

class LmdbPages {
  readonly #file: number;
  readonly #size: number;
  #pageBytes = 4096;
  /** Pages that may still be looked at: each page of a sound file is named once. */
  #left = 0;
  /** Room for a page, to be used again. */
  readonly #spare: Buffer[] = [];

  constructor(file: number) {
    this.#file = file;
    this.#size = fstatSync(file).size;
  }

  check(): void {
    const first = this.#head(0);
    this.#pageBytes = first.readUInt32LE(FREE_TREE_AT);
    if (this.#pageBytes < 512 || this.#pageBytes > 65_536) throw new Damage(`pages of ${this.#pageBytes} bytes`);
    const second = this.#head(1);
    this.#left = Math.ceil(this.#size / this.#pageBytes);
    const transactionOf = (head: Buffer): bigint => head.readBigUInt64LE(TRANSACTION_AT);
    const newest = transactionOf(second) > transactionOf(first) ? second : first;
    this.#checkTree(newest, FREE_TREE_AT);
    this.#checkTree(newest, MAIN_TREE_AT);
  }

  #head(number: number): Buffer {
    const head = this.#read(number);
    const magic = head.readUInt32LE(META_AT);
    if (magic !== MAGIC) throw new Damage(`its head (page ${number}) is not that of an LMDB file`);
    const version = head.readUInt32LE(META_AT + 4);
    if (version !== VERSION) throw new Damage(`its head (page ${number}) names format ${version}, expected ${VERSION}`);
    return head;
  }

  #checkTree(bytes: Buffer, at: number): void {
    const depth = bytes.readUInt16LE(at + 6);
    const root = bytes.readBigUInt64LE(at + 40);
    if (root !== NO_ROOT) this.#checkPage(Number(root), depth);
  }

  /** `depth` is 1 for a leaf. */
  #checkPage(number: number, depth: number): void {
    if (this.#left <= 0) throw new Damage(`its trees name more pages than it has, page ${number} at last`);
    this.#left -= 1;
    const page = this.#read(number);
    this.#checkEntries(page, number, depth);
    this.#spare.push(page);
  }

  #checkEntries(page: Buffer, number: number, depth: number): void {
    const wrong = (what: string): Damage => new Damage(`page ${number}${what}`);
    const found = page.readBigUInt64LE(0);
    const flags = page.readUInt16LE(18);
    const expected = depth > 1 ? BRANCH : LEAF;
    if (found !== BigInt(number) || (flags & (BRANCH | LEAF)) !== expected) {
      const empty = page.every((byte) => byte === 0);
      throw wrong(empty ? " is empty" : ` is not the ${depth > 1 ? "branch" : "leaf"} that is expected there`);
    }
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    const room = this.#pageBytes - PAGE_HEADER_BYTES;
    if (lower % 2 !== 0 || lower > upper || upper > room) throw wrong(" has no room for what it holds");
    for (let i = 0; i < lower / 2; i += 1) {
      const node = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * i);
      if (node < PAGE_HEADER_BYTES + upper || node + NODE_HEADER_BYTES > this.#pageBytes) {
        throw wrong(`: entry ${i} is beyond it`);
      }
      this.#checkNode(page, node, depth, wrong);
    }
  }

  #checkNode(page: Buffer, node: number, depth: number, wrong: (what: string) => Damage): void {
    const low = page.readUInt32LE(node);
    const flags = page.readUInt16LE(node + 4);
    const value = node + NODE_HEADER_BYTES + page.readUInt16LE(node + 6);
    if (depth > 1) {
      this.#checkPage(low + flags * 2 ** 32, depth - 1);
      return;
    }
    const inside = (flags & VALUE_ELSEWHERE) === 0 ? low : 8;
    if (value + inside > this.#pageBytes) throw wrong(" has a value that is beyond it");
    if ((flags & VALUE_ELSEWHERE) !== 0) {
      const from = Number(page.readBigUInt64LE(value));
      const pages = Math.ceil((PAGE_HEADER_BYTES + low) / this.#pageBytes);
      this.#expectInside(from + pages - 1);
    } else if ((flags & VALUE_IS_TREE) !== 0) this.#checkTree(page, value);
  }

  #read(number: number): Buffer {
    this.#expectInside(number);
    const spare = this.#spare.pop();
    const page = spare?.length === this.#pageBytes ? spare : Buffer.alloc(this.#pageBytes);
    readSync(this.#file, page, 0, this.#pageBytes, number * this.#pageBytes);
    return page;
  }

  #expectInside(number: number): void {
    const needed = (number + 1) * this.#pageBytes;
    if (needed > this.#size) throw new Damage(`it has ${this.#size} bytes, and needs ${needed} or more`);
  }
}
