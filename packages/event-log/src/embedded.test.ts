import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { bytes, conformance, numbered, Receiver, topicSpec } from "./conformance.ts";
import { type EmbeddedLog, openEmbeddedLog } from "./embedded.ts";
import { damageNewest } from "./local/damage.fixture.ts";
import { strangeOf } from "./local/strange.fixture.ts";
import { LmdbStorage } from "./local/lmdb-storage.ts";
import { runUntilTold } from "../../../tests/support/until-told.ts";

const folders: string[] = [];
const children: ChildProcess[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "oee-log-"));
  folders.push(folder);
  return folder;
}

function clear(): void {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

const DAY_MS = 24 * 60 * 60 * 1000;

async function damageShared(change: (batch: Buffer) => void): Promise<void> {
  const storage = new LmdbStorage(join(folders.at(-1) ?? "", "log"));
  await damageNewest(storage, change);
  await storage.close();
}

let shared: EmbeddedLog | null = null;
let later = 0;
conformance("embedded", {
  open: async () => {
    shared ??= openEmbeddedLog({ folder: newFolder(), now: () => Date.now() + later });
    return shared;
  },
  clear: async () => {
    shared = null;
    later = 0;
    clear();
  },
  strange: strangeOf(damageShared, async () => {
    later += 2 * DAY_MS;
    await shared?.clean();
  }),
  damage: () => (_, change) => damageShared(change),
});

afterEach(clear);

/** A process that opens a log in the folder, appends numbers without end, and prints each once its append is acknowledged. */
function startWriter(folder: string): ChildProcess {
  const script = fileURLToPath(new URL("embedded-writer.fixture.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "-C", "@oee/source", script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

async function linesUntil(child: ChildProcess, count: number): Promise<string[]> {
  const lines: string[] = [];
  // The output ends a moment before the process does, so both are waited for.
  const ended = once(child, "close");
  if (child.stdout === null) return lines;
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === count) child.kill("SIGKILL");
  }
  await ended;
  return lines;
}

async function readAll(log: EmbeddedLog, topic: string, count: number): Promise<string[]> {
  const receiver = new Receiver();
  const consumer = log.consume(receiver.options(topic, "reader"));
  await receiver.records(count);
  await consumer.close();
  return receiver.values();
}

describe("embedded: acknowledged records stay", () => {
  test("offsets, commits and keyed records survive closing and opening", async () => {
    const folder = newFolder();
    const events = topicSpec({ partitions: 2 });
    const keyed = topicSpec({ partitions: 2, cleanup: "compact" });
    const first = openEmbeddedLog({ folder });
    await first.ensureTopics([events, keyed]);
    await first.append(events.name, numbered(10, 1));
    await first.append(keyed.name, [{ key: "a", value: bytes("1") }]);
    await first.append(keyed.name, [{ key: "a", value: bytes("2") }]);
    const receiver = new Receiver();
    const consumer = first.consume(receiver.options(events.name, "g"));
    await receiver.records(10);
    await consumer.commit([{ topic: events.name, partition: 1, offset: 7, metadata: "m" }]);
    await first.close();

    const second = openEmbeddedLog({ folder });
    await second.append(events.name, numbered(1, 1));
    const again = new Receiver();
    second.consume(again.options(events.name, "g"));
    await again.records(4);
    expect(again.received.map(({ offset }) => offset)).toEqual([7, 8, 9, 10]);
    expect((await second.readKeyed(keyed.name)).get("a")?.value.toString()).toBe("2");
    await second.append(keyed.name, [{ key: "a", value: bytes("3") }]);
    expect((await second.readKeyed(keyed.name)).get("a")).toMatchObject({ offset: 2, value: bytes("3") });
    await second.close();
  });

  test("after SIGKILL of the process the log has all records that it acknowledged, and the folder can be opened", async () => {
    const folder = newFolder();
    const acknowledged = await linesUntil(startWriter(folder), 300);
    const log = openEmbeddedLog({ folder });
    const values = await readAll(log, "events", acknowledged.length);
    expect(values.slice(0, acknowledged.length)).toEqual(acknowledged);
    await log.close();
  });
});

describe("embedded: one process owns a folder", () => {
  test("a second process, and a second log in the same process, are refused with the pid of the owner", async () => {
    const folder = newFolder();
    const child = startWriter(folder);
    if (child.stdout !== null) await once(child.stdout, "data");
    const second = () => openEmbeddedLog({ folder });
    expect(second).toThrow(expect.objectContaining({ code: "OEE_LOG_FOLDER_OWNED" }));
    expect(second).toThrow(`in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "close");
    const log = second();
    expect(second).toThrow(`in use by process ${process.pid}`);
    await log.close();
    await second().close();
  });

  test("a folder written by another version is refused", async () => {
    const folder = newFolder();
    const storage = new LmdbStorage(join(folder, "log"));
    await storage.write([{ kind: "putText", name: "version", text: "99" }]);
    await storage.close();
    expect(() => openEmbeddedLog({ folder })).toThrow(expect.objectContaining({ code: "OEE_LOG_FOLDER_VERSION" }));
  });
});

describe("embedded: bounds", () => {
  test("beyond bytesMax appends are refused with OEE_LOG_FULL and retention makes room", async () => {
    let now = 1_000;
    const log = openEmbeddedLog({ folder: newFolder(), bytesMax: 10_000, now: () => now });
    const spec = topicSpec({ partitions: 1, retentionMs: 1_000 });
    await log.ensureTopics([spec]);
    for (let i = 0; i < 9; i += 1) await log.append(spec.name, [{ key: "k", value: Buffer.alloc(1_000, i) }]);
    const append = () => log.append(spec.name, [{ key: "k", value: Buffer.alloc(1_000) }]);
    await expect(append()).rejects.toMatchObject({ code: "OEE_LOG_FULL" });
    now += 5_000;
    await log.clean();
    await append();
    expect((await readAll(log, spec.name, 1)).length).toBe(1);
    await log.close();
  });

  const mountable = spawnSync("unshare", ["-rm", "true"]).status === 0;
  test.skipIf(!mountable)(
    "on a full disk appends are refused with OEE_LOG_FULL, no record is lost, and appends go on once there is room",
    () => {
      const script = fileURLToPath(new URL("full-disk.fixture.ts", import.meta.url));
      const mounted = newFolder();
      const command = `mount -t tmpfs -o size=72m none "$1" && exec "$2" --import tsx -C @oee/source "$3" "$1"`;
      const ran = spawnSync("unshare", ["-rm", "sh", "-c", command, "sh", mounted, process.execPath, script], {
        encoding: "utf8",
        timeout: 240_000,
      });
      const result = JSON.parse(ran.stdout.trim().split("\n").at(-1) ?? "null") as Record<string, unknown>;
      // LMDB was not asked to write: it would have printed "Write error" and might have damaged the memory of the process.
      expect(ran.stderr).not.toContain("Write error");
      expect(result).toEqual({
        refused: "OEE_LOG_FULL",
        status: "OEE_LOG_FULL",
        state: "disconnected",
        lost: 0,
        afterwards: "written",
        recovered: "connected",
      });
    },
  );

  test("where the file may not grow, as under a quota, appends are refused with OEE_LOG_FULL before LMDB writes, and the file stays whole", async () => {
    const script = fileURLToPath(new URL("file-limit.fixture.ts", import.meta.url));
    const folder = newFolder();
    // The limit is in units of 512 bytes: 12 MiB a file.
    const command = `ulimit -f 24576 && exec "$1" --import tsx -C @oee/source "$2" "$3"`;
    const ran = spawnSync("sh", ["-c", command, "sh", process.execPath, script, folder], {
      encoding: "utf8",
      timeout: 240_000,
    });
    // LMDB was not asked to write: it would have printed "Write error" and might have damaged the memory of the process.
    expect(ran.stderr).not.toContain("Write error");
    const { refused, written } = JSON.parse(ran.stdout) as { readonly refused: string[]; readonly written: number };
    expect(refused).toEqual(["OEE_LOG_FULL", "OEE_LOG_FULL"]);
    expect(written).toBeGreaterThan(50);
    // The file is longer than the part that LMDB uses, which is no damage; without the limit appends go on.
    const log = openEmbeddedLog({ folder: join(folder, "data") });
    await log.append("events", [{ key: "k", value: Buffer.alloc(60_000) }]);
    expect((await readAll(log, "events", written + 1)).length).toBe(written + 1);
    await log.close();
  });

  test("where the disk refuses to write a page again, and LMDB damages memory by that, the process ends with OEE_LOG_MEMORY_DAMAGED", async () => {
    const script = fileURLToPath(new URL("refused-page.fixture.ts", import.meta.url));
    const { ran, folder } = runUntilTold(script);
    expect([ran.signal, JSON.parse(ran.stdout)], ran.stderr).toEqual([
      "SIGKILL",
      {
        code: "OEE_LOG_MEMORY_DAMAGED",
        message: expect.stringMatching(
          /^writing to .* failed: .*File too large.* This process ends; what was accepted is in the log/,
        ) as unknown,
      },
    ]);
    // All accepted records are there, and appends go on.
    const log = openEmbeddedLog({ folder });
    const kept = await log.readKeyed("keyed", [0]);
    expect([...kept.keys()].filter((key) => key.startsWith("a ")).length).toBe(60);
    await log.append("keyed", [{ key: "c", value: Buffer.from("x") }]);
    await log.close();
  });
});
