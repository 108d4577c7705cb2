/**
 * A log's file that a power cut, a bad disk or an interrupted copy damaged is refused with an error that says how to go on; it
 * never ends the process by a signal.
 */
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
/** How many pages of the file LMDB uses; behind them is reserved room. */
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

/** The lines that `lmdb-check.fixture.ts` prints for these folders; the test fails where that process ends by a signal. */
function openAll(folders: readonly string[]): string[] {
  const script = fileURLToPath(new URL("lmdb-check.fixture.ts", import.meta.url));
  const args = ["--import", "tsx", "-C", "@oee/source", script, ...folders];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 240_000 });
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null });
  return stdout.trim().split("\n");
}

describe("the log's file", () => {
  test("has no damage where it is whole, or missing", () => {
    expect(pages).toBeGreaterThan(50);
    expect(damageOf(sound)).toBe(null);
    expect(damageOf(join(folder, "none"))).toBe(null);
  });

  test("is damaged where a page of its trees is empty, however large these are, or where they name more pages than it has", () => {
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
    // Pages: two heads, the leaves, branches of 200 leaves each, and a root.
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

  test("is refused with OEE_LOG_DAMAGED wherever it is cut short, with the folder to move away", () => {
    const cuts = [0, 1, 100, PAGE_BYTES, 2 * PAGE_BYTES, 2.5 * PAGE_BYTES, (pages / 2) * PAGE_BYTES];
    for (const bytes of cuts) {
      const cut = damaged(`cut-${bytes}`, (file) => truncateSync(file, bytes));
      const opening = () => openEmbeddedLog({ folder: cut });
      expect(opening, String(bytes)).toThrow(expect.objectContaining({ code: "OEE_LOG_DAMAGED" }));
      expect(opening).toThrow(`move ${join(cut, "log")} away`);
      // The first refusal did not leave the log half open.
      expect(opening).toThrow(expect.objectContaining({ code: "OEE_LOG_DAMAGED" }));
    }
  });

  test("is refused, or can be read and written, whichever of its pages is empty", () => {
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

  test("is made anew once the damaged log is moved away, or is put back from a back-up", async () => {
    const cut = damaged("back", (file) => truncateSync(file, 3 * PAGE_BYTES));
    expect(() => openEmbeddedLog({ folder: cut })).toThrow(expect.objectContaining({ code: "OEE_LOG_DAMAGED" }));
    renameSync(join(cut, "log"), join(cut, "log-damaged"));
    const log = openEmbeddedLog({ folder: cut });
    await log.ensureTopics([topicSpec({ name: "events", partitions: 2 })]);
    await log.append("events", [{ key: "k", value: Buffer.from("anew") }]);
    await log.close();
    // A back-up in its place is read.
    rmSync(join(cut, "log"), { recursive: true });
    mkdirSync(join(cut, "log"));
    copyFileSync(sound, join(cut, "log", "data.mdb"));
    expect(openAll([cut])).toEqual(["read 601 records, 0 unreadable"]);
  });

  test("and its folder can be read by their owner alone", () => {
    const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect([whole, join(whole, "log")].map(modeOf)).toEqual(["700", "700"]);
    expect([sound, join(whole, "log", "lock.mdb")].map(modeOf)).toEqual(["600", "600"]);
  });
});
