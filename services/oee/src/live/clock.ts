/**
 * The clock of a process: the system's clock, or, for a simulation faster than life, one that runs ahead of it. The latter is
 * saved in the data folder, so that it never goes back over a restart.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@oee/event-log";

export interface ProcessClock {
  now(): number;
  /** Remembers where the clock is; returns why it could not, `null` where it could. Never throws: a full disk ends no process. */
  save(): string | null;
}

const FILE = "clock.json";

export function processClock(dataFolder: string | null, speed: number): ProcessClock {
  const systemStart = Date.now();
  const saved = dataFolder === null ? 0 : savedIn(dataFolder);
  if (speed === 1 && saved <= systemStart) return { now: Date.now, save: () => null };
  const start = Math.max(systemStart, saved);
  let newest = start;
  const now = (): number => (newest = Math.max(newest, Math.floor(start + (Date.now() - systemStart) * speed)));
  return {
    now,
    save: () => {
      if (dataFolder === null) return null;
      const file = join(dataFolder, FILE);
      try {
        writeFileSync(`${file}.new`, JSON.stringify({ now: now() }));
        renameSync(`${file}.new`, file);
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },
  };
}

function savedIn(folder: string): number {
  try {
    const { now } = JSON.parse(readFileSync(join(folder, FILE), "utf8")) as { now?: unknown };
    return typeof now === "number" && Number.isFinite(now) ? now : 0;
  } catch {
    return 0;
  }
}
