/** What waits on disk to be delivered, on a disk that is full. */
import { spawnSync } from "node:child_process";
import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Outbox } from "./outbox.ts";

const mountable = spawnSync("unshare", ["-rm", "true"]).status === 0;

test.skipIf(!mountable)(
  "a full disk refuses with OEE_CONNECT_OUTBOX_UNWRITABLE, loses nothing that was kept, and goes on",
  () => {
    const mounted = mkdtempSync(join(tmpdir(), "oee-outbox-"));
    onTestFinished(() => rmSync(mounted, { recursive: true, force: true }));
    const script = fileURLToPath(new URL("full-outbox.fixture.ts", import.meta.url));
    const command = `mount -t tmpfs -o size=72m none "$1" && exec "$2" --import tsx -C @oee/source "$3" "$1"`;
    const ran = spawnSync("unshare", ["-rm", "sh", "-c", command, "sh", mounted, process.execPath, script], {
      encoding: "utf8",
      timeout: 50_000,
    });
    expect(ran.status, ran.stderr).toBe(0);
    // LMDB was not asked: where it is refused a write it says so, and damages the memory of the process.
    expect(ran.stderr).not.toContain("Write error");
    expect(JSON.parse(ran.stdout)).toEqual({
      refused: "OEE_CONNECT_OUTBOX_UNWRITABLE",
      again: expect.stringMatching(/^(OEE_CONNECT_OUTBOX_UNWRITABLE)?$/) as unknown,
      counted: true,
      whole: true,
      marks: [true, true],
      some: true,
    });
  },
);

test("waiting for events leaves nothing behind with the signal that ends it, and ends with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 20 });
  const ended = new AbortController();
  const filled = outbox.filled(ended.signal);
  await outbox.put([{ machine: "m", json: "{}" }], new Map());
  await filled;
  expect(getEventListeners(ended.signal, "abort")).toEqual([]);
  const again = outbox.filled(ended.signal);
  ended.abort();
  await again;
  await outbox.close();
});

test("a file that may not grow, as under a quota, refuses before LMDB writes; what was delivered leaves all the same", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = fileURLToPath(new URL("file-limit.fixture.ts", import.meta.url));
  // In units of 512 bytes: 12 MiB a file.
  const command = `ulimit -f 24576 && exec "$1" --import tsx -C @oee/source "$2" "$3"`;
  const ran = spawnSync("sh", ["-c", command, "sh", process.execPath, script, folder], {
    encoding: "utf8",
    timeout: 50_000,
  });
  expect(ran.stderr).toBe("");
  const { refused, kept, waiting } = JSON.parse(ran.stdout) as { refused: string[]; kept: number; waiting: number };
  expect(refused).toEqual(["OEE_CONNECT_OUTBOX_UNWRITABLE", "OEE_CONNECT_OUTBOX_UNWRITABLE"]);
  expect(kept).toBeGreaterThan(50);
  expect(waiting).toBe(kept - 1);
  const reopened = new Outbox({ folder, bytesMax: 1 << 30 });
  expect(reopened.waiting.events).toBe(waiting);
  await reopened.close();
});
