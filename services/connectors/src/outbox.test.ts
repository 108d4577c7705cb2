/** The outbox: events that wait on disk to be delivered, also on a disk that is full or broken. */
import { spawnSync } from "node:child_process";
import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import type { MappedEvent } from "./mapping/mapper.ts";
import { Outbox, OutboxFull, type WaitingEvent } from "./outbox.ts";
import { runUntilTold } from "../../../tests/support/until-told.ts";

const mountable = spawnSync("unshare", ["-rm", "true"]).status === 0;

test.skipIf(!mountable)(
  "on a full disk events are refused with OEE_CONNECT_OUTBOX_UNWRITABLE, kept ones stay, and with room it goes on",
  () => {
    const mounted = mkdtempSync(join(tmpdir(), "oee-outbox-"));
    onTestFinished(() => rmSync(mounted, { recursive: true, force: true }));
    const script = fileURLToPath(new URL("full-outbox.fixture.ts", import.meta.url));
    const command = `mount -t tmpfs -o size=72m none "$1" && exec "$2" --import tsx -C @oee/source "$3" "$1"`;
    const ran = spawnSync("unshare", ["-rm", "sh", "-c", command, "sh", mounted, process.execPath, script], {
      encoding: "utf8",
      timeout: 240_000,
    });
    expect(ran.status, ran.stderr).toBe(0);
    // LMDB was not asked to write: it would have printed "Write error" and might have damaged the memory of the process.
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

test.each([
  ["read from the disk after each restart", true],
  ["read from memory", false],
])("events put together wait in order, whichever of them are removed: %s", async (_how, restarts) => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let outbox = new Outbox({ folder, bytesMax: 1 << 20 });
  const put = (from: number, to: number): Promise<void> =>
    outbox.put(
      Array.from({ length: to - from }, (_, i) => ({
        machine: (from + i) % 3 === 0 ? "a" : "b",
        json: `{"n":${from + i}}`,
      })),
      new Map(),
    );
  await put(0, 600);
  const boundary = outbox.end;
  await put(600, 606);
  const numbersOf = (events: readonly WaitingEvent[]): number[] =>
    events.map(({ json }) => (JSON.parse(json) as { n: number }).n);
  const expected = (machine: string, from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i).filter((n) => (n % 3 === 0) === (machine === "a"));
  expect(numbersOf(outbox.oldest("b", 1_000))).toEqual(expected("b", 0, 606));
  expect(numbersOf(outbox.oldest("b", 1_000, boundary))).toEqual(expected("b", 600, 606));
  expect(numbersOf(outbox.oldest("b", 1_000, 0, boundary))).toEqual(expected("b", 0, 600));
  // Removes a part of a stored record, then one and a part, then the rest.
  const left: number[] = [];
  for (const count of [7, 150, 1, 1_000, 1_000]) {
    const some = outbox.oldest("b", count);
    expect(some.length).toBeLessThanOrEqual(count);
    left.push(...numbersOf(some));
    await outbox.remove(some);
    const { waiting } = outbox;
    if (!restarts) continue;
    await outbox.close();
    outbox = new Outbox({ folder, bytesMax: 1 << 20 });
    expect(outbox.waiting).toEqual(waiting);
  }
  expect(left).toEqual(expected("b", 0, 606));
  expect(numbersOf(outbox.oldest("a", 1_000))).toEqual(expected("a", 0, 606));
  expect(outbox.waiting).toEqual({ events: 202, bytes: expected("a", 0, 606).join("").length + 6 * 202 });
  expect(outbox.machines).toEqual(["a"]);
  await outbox.close();
});

test("delivered events go from the disk with the next write, or within a second and some", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 20 });
  onTestFinished(() => outbox.close());
  const onDisk = (): Promise<readonly string[]> => linesOnDisk(folder);
  await outbox.put([{ machine: "a", json: "1" }], new Map());
  await outbox.put([{ machine: "b", json: "2" }], new Map());
  await outbox.remove(outbox.oldest("a", 1));
  expect([outbox.oldest("a", 10), outbox.waiting.events, outbox.machines]).toEqual([[], 1, ["b"]]);
  await outbox.put([{ machine: "c", json: "3" }], new Map());
  expect(await onDisk()).toEqual(["2", "3"]);
  await outbox.remove(outbox.oldest("b", 1));
  await vi.waitFor(async () => expect(await onDisk()).toEqual(["3"]), { timeout: 240_000, interval: 200 });
});

/** The lines that are on disk, of machines a, b and c, read as another process would. */
async function linesOnDisk(folder: string): Promise<readonly string[]> {
  const other = new Outbox({ folder, bytesMax: 1 << 20 });
  const found = ["a", "b", "c"].flatMap((machine) => other.oldest(machine, 10).map(({ json }) => json));
  await other.close();
  return found;
}

test("what a peer says that does not wait is there at once, needs no write where it is delivered soon, and is on disk soon where it is not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 20 });
  onTestFinished(() => outbox.close());
  const held = (json: string, machine = "a"): Promise<void> =>
    outbox.hold(
      [
        { machine, json },
        { machine, json: `${json}0` },
      ],
      new Map([["note", json]]),
    );
  await held("1");
  expect([outbox.waiting, outbox.note("note")]).toEqual([{ events: 2, bytes: 3 }, "1"]);
  await outbox.remove(outbox.oldest("a", 2));
  await vi.waitFor(async () => expect(await noteOnDisk(folder)).toBe("1"), { timeout: 240_000, interval: 50 });
  expect(await linesOnDisk(folder)).toEqual([]);
  // Delivered in part; then nothing takes the rest.
  await held("2");
  await outbox.remove(outbox.oldest("a", 1));
  await held("3", "b");
  await vi.waitFor(async () => expect(await linesOnDisk(folder)).toEqual(["20", "3", "30"]), {
    timeout: 240_000,
    interval: 50,
  });
  // While events wait for long each is on disk before it counts.
  await held("4", "c");
  expect(await linesOnDisk(folder)).toEqual(["20", "3", "30", "4", "40"]);
  for (const machine of ["a", "b", "c"]) await outbox.remove(outbox.oldest(machine, 10));
  expect(outbox.waiting).toEqual({ events: 0, bytes: 0 });
  await held("5");
  await outbox.put([{ machine: "b", json: "6" }], new Map());
  // A write takes along what is held, and what was delivered leaves with it.
  expect(await linesOnDisk(folder)).toEqual(["5", "50", "6"]);
});

async function noteOnDisk(folder: string): Promise<string | null> {
  const other = new Outbox({ folder, bytesMax: 1 << 20 });
  const note = other.note("note");
  await other.close();
  return note;
}

test("what is held is on disk after an orderly end, and within the bound", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = new Outbox({ folder, bytesMax: 10 });
  await outbox.hold([{ machine: "a", json: "12345678" }], new Map());
  await expect(outbox.hold([{ machine: "a", json: "123" }], new Map())).rejects.toThrow(OutboxFull);
  await outbox.close();
  expect(await linesOnDisk(folder)).toEqual(["12345678"]);
});

test("`filled` leaves no listener on its signal, and ends when the signal is aborted", async () => {
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

test("where the file may not grow, as under a quota, events are refused before LMDB writes, and delivered ones can be removed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = fileURLToPath(new URL("file-limit.fixture.ts", import.meta.url));
  // The limit is in units of 512 bytes: 12 MiB a file.
  const command = `ulimit -f 24576 && exec "$1" --import tsx -C @oee/source "$2" "$3"`;
  const ran = spawnSync("sh", ["-c", command, "sh", process.execPath, script, folder], {
    encoding: "utf8",
    timeout: 240_000,
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

test("where the disk refuses to write a page again, and LMDB damages memory by that, the process ends with OEE_CONNECT_MEMORY_DAMAGED", async () => {
  const { ran, folder } = runUntilTold(fileURLToPath(new URL("refused-page.fixture.ts", import.meta.url)));
  expect([ran.signal, JSON.parse(ran.stdout)], ran.stderr).toEqual([
    "SIGKILL",
    {
      code: "OEE_CONNECT_MEMORY_DAMAGED",
      message: expect.stringMatching(
        /^the outbox in .*: writing failed: File too large.* This process ends; what was kept is in the outbox/,
      ) as unknown,
    },
  ]);
  // The event that was kept is there, and further ones are taken.
  const reopened = new Outbox({ folder, bytesMax: 1 << 30 });
  expect(reopened.waiting).toEqual({ events: 1, bytes: 250_000 });
  await reopened.put([{ machine: "n", json: "{}" }], new Map());
  await reopened.close();
});

test("CN-4: an event with an id that was put lately is not put again, delivered or not, also after a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const eventsFrom = (first: number): readonly { machine: string; json: string; id: string }[] =>
    Array.from({ length: 600 }, (_, i) => ({ machine: "m", json: `{"n":${first + i}}`, id: `id ${first + i}` }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 30 });
  await outbox.put(eventsFrom(0), new Map());
  await outbox.put(eventsFrom(300), new Map());
  expect(outbox.waiting.events).toBe(900);
  await outbox.remove(outbox.oldest("m", 500));
  await outbox.close();
  const again = new Outbox({ folder, bytesMax: 1 << 30 });
  await again.put(eventsFrom(0), new Map([["mark", "1"]]));
  expect([again.waiting.events, again.note("mark")]).toEqual([400, "1"]);
  await again.put(eventsFrom(600), new Map());
  expect(again.waiting.events).toBe(700);
  // Only ids of the newest 256 writes are known.
  for (let i = 0; i < 256; i++) await again.put([{ machine: "n", json: "{}", id: `other ${i}` }], new Map());
  await again.put(eventsFrom(0).slice(0, 1), new Map());
  expect(again.waiting.events).toBe(700 + 256 + 1);
  await again.close();
});

test.each([1, 20])("CN-4: %i events that are sent again after newer ones are known, of each machine", async (count) => {
  const folder = mkdtempSync(join(tmpdir(), "oee-outbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const eventsOf = (machine: string, from: number): readonly MappedEvent[] =>
    Array.from({ length: count }, (_, i) => ({ machine, json: "{}", id: `${machine} ${from + i}`, at: from + i }));
  const outbox = new Outbox({ folder, bytesMax: 1 << 30 });
  await outbox.put([...eventsOf("a", 1_000), ...eventsOf("b", 5_000)], new Map());
  await outbox.put(eventsOf("a", 2_000), new Map());
  // One machine is behind the other, by its clock.
  await outbox.put(eventsOf("a", 1_000), new Map());
  expect(outbox.waiting.events).toBe(3 * count);
  await outbox.put(eventsOf("b", 3_000), new Map());
  expect(outbox.waiting.events).toBe(4 * count);
  await outbox.close();
  const again = new Outbox({ folder, bytesMax: 1 << 30 });
  await again.put(eventsOf("a", 500), new Map());
  await again.put([...eventsOf("a", 1_000), ...eventsOf("b", 3_000)], new Map());
  expect(again.waiting.events).toBe(5 * count);
  // Many writes without a repeat later, repeats are known still.
  for (let i = 0; i < 30; i++) await again.put(eventsOf("a", 10_000 + 100 * i), new Map());
  await again.put(eventsOf("a", 2_000), new Map());
  expect(again.waiting.events).toBe(35 * count);
  await again.close();
});
