/**
 * The clock of a process: the system's, or, for a simulation faster than life, one that runs ahead of it. Such a clock
 * never goes back, not even over a restart: where it was is kept in the data folder.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ProcessClock {
  now(): number;
  /** Remembers where the clock is. */
  save(): void;
}

const FILE = "clock.json";

export function processClock(dataFolder: string | null, speed: number): ProcessClock {
  const systemStart = Date.now();
  const saved = dataFolder === null ? 0 : savedIn(dataFolder);
  if (speed === 1 && saved <= systemStart) return { now: Date.now, save: () => undefined };
  const start = Math.max(systemStart, saved);
  let newest = start;
  const now = (): number => (newest = Math.max(newest, Math.floor(start + (Date.now() - systemStart) * speed)));
  return {
    now,
    save: () => {
      if (dataFolder === null) return;
      const file = join(dataFolder, FILE);
      writeFileSync(`${file}.new`, JSON.stringify({ now: now() }));
      renameSync(`${file}.new`, file);
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
