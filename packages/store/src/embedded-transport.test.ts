/** The data folder of the embedded ClickHouse: one process owns it, and it outlives the process. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MINUTE, row, START, stamp } from "../test/rows.ts";
import { temporaryFolder } from "../test/ways.ts";
import { connectEmbedded } from "./embedded-transport.ts";
import { openStore } from "./index.ts";

const WRITER = new URL("../test/writer-process.ts", import.meta.url).pathname;
const NODE = [process.execPath, "--import", "tsx", "-C", "@oee/source", WRITER] as const;
const namespaces = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

describe("a data folder", () => {
  let folder: string;
  let child: ChildProcess | null = null;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    child = null;
    await rm(folder, { recursive: true, force: true });
  });

  test("belongs to one process, and has all acknowledged rows after SIGKILL of that process", async () => {
    const writer = spawn(NODE[0], [...NODE.slice(1), folder, "write"], { stdio: ["ignore", "pipe", "inherit"] });
    child = writer;
    const acknowledged = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
    for (let i = 0; i <= 3; i++) expect(await acknowledged.next()).toEqual({ done: false, value: String(i) });
    await expect(openStore({ embedded: { path: folder } })).rejects.toMatchObject({
      code: "OEE_STORE_IN_USE",
      message: expect.stringContaining(`in use by process ${writer.pid}`),
    });
    for (let i = 4; i <= 20; i++) expect(await acknowledged.next()).toEqual({ done: false, value: String(i) });
    writer.kill("SIGKILL");
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, "exit");
    await writeFile(join(folder, "spool", "left-behind"), "half an insert");

    const store = await openStore({ embedded: { path: folder } });
    await store.migrate();
    const minutes = Array.from({ length: 21 }, (_, i) => ({ from: START + i * MINUTE, to: START + (i + 1) * MINUTE }));
    const sums = await store.sums({ machines: ["kill/a/l/m"], periods: minutes, by: [] });
    expect([...sums.rows].map((one) => one.runTime)).toEqual(minutes.map(() => MINUTE));
    expect(await readdir(join(folder, "spool"))).toEqual([]);
    await store.close();
  });

  test.skipIf(!namespaces)("on a full disk refuses writes (skipped where no private mount can be made)", async () => {
    const script = `mount -t tmpfs -o size=24m none "${folder}" && exec "$@"`;
    const writer = spawn("unshare", ["-rm", "sh", "-c", script, "sh", ...NODE, folder, "fill"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = writer;
    const lines: string[] = [];
    for await (const line of createInterface({ input: writer.stdout })) lines.push(line);
    expect(lines.at(-1)).toMatch(/^OEE_STORE_DISK_FULL: could not insert into oee\.(events|kpi_minutes): /);
    expect(lines.length).toBeGreaterThan(3);
  });

  test.each(["SIGABRT", "SIGSEGV"] as const)(
    "a crash of its process by %s ends the process, which does not hang",
    async (signal) => {
      const writer = spawn(NODE[0], [...NODE.slice(1), folder, "write"], { stdio: ["ignore", "pipe", "inherit"] });
      child = writer;
      const acknowledged = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
      expect(await acknowledged.next()).toEqual({ done: false, value: "0" });
      const ended = once(writer, "exit");
      writer.kill(signal);
      expect(await ended).toEqual([null, signal]);
    },
  );

  test("can be opened once at a time in a process, and again after it was closed", async () => {
    const store = await openStore({ embedded: { path: folder } });
    await expect(openStore({ embedded: { path: folder } })).rejects.toMatchObject({ code: "OEE_STORE_IN_USE" });
    await expect(openStore({ embedded: { path: join(folder, "other") } })).rejects.toMatchObject({
      code: "OEE_STORE_IN_USE",
    });
    await store.migrate();
    const writing = store.insertRows([row("again/a/l/m", 0)], stamp(1));
    await store.close();
    await writing;
    const again = await openStore({ embedded: { path: folder } });
    expect(await again.migrate()).toMatchObject({ applied: [] });
    expect(await again.newestMinutes({ under: "again" })).toEqual(new Map([["again/a/l/m", START]]));
    await again.close();
  });

  test("answers whether it works while queries take seconds and others wait behind them", async () => {
    const transport = await connectEmbedded({ path: folder });
    let answered = 0;
    // As long as a statement may sleep; they run one after the other.
    const queries = [1, 2].map(() => transport.rows("SELECT sleep(3)").then(() => answered++));
    await transport.ping();
    expect(answered).toBe(0);
    await Promise.all(queries);
    await transport.close();
  });

  test("that is a file is refused with OEE_STORE_OPEN_FAILED, after which another folder can be opened", async () => {
    const file = join(folder, "file");
    await writeFile(file, "no folder");
    await expect(openStore({ embedded: { path: file } })).rejects.toMatchObject({ code: "OEE_STORE_OPEN_FAILED" });
    const store = await openStore({ embedded: { path: join(folder, "it's a 'quoted' \\ folder") } });
    await store.migrate();
    await store.insertRows([row("quoted/a/l/m", 0)], stamp(1));
    expect(await store.newestMinutes({ under: "*" })).toEqual(new Map([["quoted/a/l/m", START]]));
    await store.close();
  });
});
