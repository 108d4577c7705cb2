/** What a power cut, a bad disk or half a copy leaves of the log's file: told with the way back, never a death by a signal. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { topicSpec } from "../conformance.ts";
import { openEmbeddedLog } from "../embedded.ts";
import { damageOf } from "./lmdb-check.ts";

const PAGE_BYTES = 4096;
const folder = mkdtempSync(join(tmpdir(), "oee-damage-"));
const whole = join(folder, "whole");
const sound = join(whole, "log", "data.mdb");
/** That LMDB uses; behind them is room that is reserved. */
let pages = 0;

beforeAll(async () => {
  const log = openEmbeddedLog({ folder: whole });
  const events = topicSpec({ name: "events", partitions: 2 });
  await log.ensureTopics([events, topicSpec({ name: "keyed", cleanup: "compact" })]);
  for (let i = 0; i < 600; i += 1) {
    await log.append("events", [{ key: `k${i % 7}`, value: Buffer.alloc(i % 50 === 0 ? 9_000 : 150, i) }]);
    if (i % 4 === 0) await log.append("keyed", [{ key: `k${i % 70}`, value: Buffer.alloc(400, i) }]);
  }
  await log.close();
  pages = Math.ceil(readFileSync(sound).findLastIndex((byte) => byte !== 0) / PAGE_BYTES);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function damaged(name: string, change: (file: string) => void): string {
  const copy = join(folder, name);
  mkdirSync(join(copy, "log"), { recursive: true });
  const file = join(copy, "log", "data.mdb");
  copyFileSync(sound, file);
  change(file);
  return copy;
}

/** What a process of its own makes of them; it ends in order, or the test fails. */
function openAll(folders: readonly string[]): string[] {
  const script = fileURLToPath(new URL("lmdb-check.fixture.ts", import.meta.url));
  const args = ["--import", "tsx", "-C", "@oee/source", script, ...folders];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 240_000 });
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null });
  return stdout.trim().split("\n");
}

describe("the log's file", () => {
  test("one that is whole has nothing to tell, nor has one that is not there", () => {
    expect(pages).toBeGreaterThan(50);
    expect(damageOf(sound)).toBe(null);
    expect(damageOf(join(folder, "none"))).toBe(null);
  });

  test("a page that is empty is found however large the trees are, and so are pages that are named twice", () => {
    const leaves = 66_000;
    const file = join(folder, "large.mdb");
    const written = openSync(file, "w");
    const make = (number: number, flags: number, entries: readonly number[]): Buffer => {
      const page = Buffer.alloc(PAGE_BYTES);
      const upper = PAGE_BYTES - 24 - 8 * entries.length;
      page.writeBigUInt64LE(BigInt(number), 0);
      page.writeUInt16LE(flags, 18);
      page.writeUInt16LE(2 * entries.length, 20);
      page.writeUInt16LE(upper, 22);
      entries.forEach((child, i) => {
        page.writeUInt16LE(upper + 8 * i, 24 + 2 * i);
        page.writeUInt32LE(child, 24 + upper + 8 * i);
      });
      return page;
    };
    const head = (number: number, root: number): Buffer => {
      const page = make(number, 8, []);
      page.writeUInt32LE(0xbeefc0de, 24);
      page.writeUInt32LE(2, 28);
      page.writeUInt32LE(PAGE_BYTES, 48);
      page.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 48 + 40);
      page.writeUInt16LE(3, 96 + 6);
      page.writeBigUInt64LE(BigInt(root), 96 + 40);
      return page;
    };
    // Two heads, the leaves, branches of 200 leaves each, and a root.
    const branches = Math.ceil(leaves / 200);
    const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
    const root = 2 + leaves + branches;
    const all = (rootOf: readonly number[]): void => {
      writeSync(written, Buffer.concat([head(0, root), head(1, root)]), 0, 2 * PAGE_BYTES, 0);
      for (let from = 0; from < leaves; from += 1_000) {
        const some = range(2 + from, 1_000).map((number) => make(number, 2, []));
        writeSync(written, Buffer.concat(some), 0, 1_000 * PAGE_BYTES, (2 + from) * PAGE_BYTES);
      }
      const made = range(0, branches).map((i) => make(2 + leaves + i, 1, range(2 + 200 * i, 200)));
      writeSync(written, Buffer.concat([...made, make(root, 1, rootOf)]), 0, undefined, (2 + leaves) * PAGE_BYTES);
    };
    const first = 2 + leaves;
    all(range(first, branches));
    expect(damageOf(file)).toBe(null);
    const last = 1 + leaves;
    writeSync(written, Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, last * PAGE_BYTES);
    expect(damageOf(file)).toBe(`page ${last} is empty`);
    writeSync(written, make(last, 2, []), 0, PAGE_BYTES, last * PAGE_BYTES);
    writeSync(
      written,
      make(
        root,
        1,
        range(first, branches).map(() => first),
      ),
      0,
      PAGE_BYTES,
      root * PAGE_BYTES,
    );
    expect(damageOf(file)).toBe(null);
    writeSync(
      written,
      make(
        root,
        1,
        Array.from({ length: 400 }, () => first),
      ),
      0,
      PAGE_BYTES,
      root * PAGE_BYTES,
    );
    expect(damageOf(file)).toMatch(/^its trees name more pages than it has/);
    closeSync(written);
  });

  test("one that is cut short anywhere is refused with OEE_LOG_DAMAGED, its folder and the way back", () => {
    const cuts = [0, 1, 100, PAGE_BYTES, 2 * PAGE_BYTES, 2.5 * PAGE_BYTES, (pages / 2) * PAGE_BYTES];
    for (const bytes of cuts) {
      const cut = damaged(`cut-${bytes}`, (file) => truncateSync(file, bytes));
      const opening = () => openEmbeddedLog({ folder: cut });
      expect(opening, String(bytes)).toThrow(expect.objectContaining({ code: "OEE_LOG_DAMAGED" }));
      expect(opening).toThrow(`move ${join(cut, "log")} away`);
      // refused again, not left half open
      expect(opening).toThrow(expect.objectContaining({ code: "OEE_LOG_DAMAGED" }));
    }
  });

  test("whichever of its pages is empty, it is refused, or can be read and written", () => {
    const holes = Array.from({ length: pages }, (_, page) =>
      damaged(`hole-${page}`, (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
        writeFileSync(file, bytes);
      }),
    );
    const told = openAll(holes);
    expect(told).toHaveLength(pages);
    const refused = told.filter((line) => line === "OEE_LOG_DAMAGED").length;
    const read = told.filter((line) => line.startsWith("read ")).length;
    expect(refused + read, told.join("\n")).toBe(pages);
    expect(refused, "the two heads, branches and leaves").toBeGreaterThan(10);
    expect(read, "values and free pages").toBeGreaterThan(10);
    expect(told.filter((line) => line === "read 600 records, 1 unreadable").length, told.join("\n")).toBeGreaterThan(5);
  });

  test("the way back works: once the damaged log is moved away it begins anew and takes events", async () => {
    const cut = damaged("back", (file) => truncateSync(file, 3 * PAGE_BYTES));
    expect(() => openEmbeddedLog({ folder: cut })).toThrow(expect.objectContaining({ code: "OEE_LOG_DAMAGED" }));
    renameSync(join(cut, "log"), join(cut, "log-damaged"));
    const log = openEmbeddedLog({ folder: cut });
    await log.ensureTopics([topicSpec({ name: "events", partitions: 2 })]);
    await log.append("events", [{ key: "k", value: Buffer.from("anew") }]);
    await log.close();
    // so does a back-up
    rmSync(join(cut, "log"), { recursive: true });
    mkdirSync(join(cut, "log"));
    copyFileSync(sound, join(cut, "log", "data.mdb"));
    expect(openAll([cut])).toEqual(["read 601 records, 0 unreadable"]);
  });

  test("folders and files are their owner's alone", () => {
    const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect([whole, join(whole, "log")].map(modeOf)).toEqual(["700", "700"]);
    expect([sound, join(whole, "log", "lock.mdb")].map(modeOf)).toEqual(["600", "600"]);
  });
});
