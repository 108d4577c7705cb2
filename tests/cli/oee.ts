/** Runs the built command line, and has small plants for it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const OEE: string = join(ROOT, "services/oee/bin/oee.js");

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly bytes: Buffer;
  readonly stderr: string;
}

export function oee(args: readonly string[], input: string | Uint8Array = ""): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [OEE, ...args], {
    input,
    maxBuffer: 1 << 28,
    env: { ...process.env, OEE_PLANT: undefined },
  });
  return { status, stdout: stdout.toString("utf8"), bytes: stdout, stderr: stderr.toString("utf8") };
}

/** Makes a folder with some files, which is removed when the test ends. Returns a function that gives the path of a file in it. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "oee-cli-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return (name) => join(folder, name);
}

/** Two lines in Berlin with two shifts a day, and a machine without ideal cycle in New York. */
export const PLANT = `enterprise: acme
timezone: Europe/Berlin
sites:
  berlin:
    timezone: Europe/Berlin
    calendar: two-shift
    areas:
      packing:
        lines:
          l1:
            machines:
              filler: { idealCycleSeconds: 2, costPerHour: 900, taktSeconds: 3 }
              labeller: { idealCycleSeconds: 1 }
          l2:
            machines:
              filler: { idealCycleSeconds: 2 }
  albany:
    timezone: America/New_York
    areas:
      hall:
        lines:
          l1:
            machines:
              press: { idealCycleSeconds: null }
calendars:
  two-shift:
    shifts:
      - { name: early, start: "06:00", end: "14:00" }
      - { name: late, start: "14:00", end: "22:00" }
products: { cola: { idealCycleSeconds: 1.5 } }
reasons: { jam: { failure: true } }
`;

export const FILLER = "berlin/packing/l1/filler";

/** 2026-03-02 is a Monday; Berlin is an hour ahead of UTC. */
export const EVENTS: readonly object[] = [
  { type: "state", machine: FILLER, at: "2026-03-02T05:00:00Z", state: "running" },
  { type: "job", machine: FILLER, at: "2026-03-02T06:00:00Z", product: "cola", order: "4711" },
  { type: "count", machine: FILLER, at: "2026-03-02T06:30:00Z", good: 900, scrap: 30 },
  { type: "state", machine: FILLER, at: "2026-03-02T07:00:00Z", state: "down" },
  { type: "state", machine: FILLER, at: "2026-03-02T07:30:00Z", state: "running" },
  { type: "state", machine: FILLER, at: "2026-03-02T14:00:00Z", state: "idle" },
  { type: "state", machine: FILLER, at: "2026-03-02T14:02:00Z", state: "running" },
  { type: "count", machine: FILLER, at: "2026-03-02T15:30:00Z", total: { good: 100, scrap: 1 } },
  { type: "count", machine: FILLER, at: 1_772_467_200_000, total: { good: 4100, scrap: 11 }, startup: true },
  { type: "state", machine: "berlin/packing/l1/labeller", at: "2026-03-02T05:00Z", state: "running", id: "a" },
  { type: "state", machine: "albany/hall/l1/press", at: "2026-03-02T12:00:00.0001Z", state: "running" },
  { type: "count", machine: "albany/hall/l1/press", at: "2026-03-02T13:00:00+01:00", good: 5, rework: 1 },
  {
    type: "correction",
    machine: FILLER,
    at: "2026-03-03T08:00:00Z",
    from: "2026-03-02T07:00:00Z",
    to: "2026-03-02T07:30:00Z",
    reason: "jam",
    by: "anna",
    note: "seen",
  },
];

export function ndjson(events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
