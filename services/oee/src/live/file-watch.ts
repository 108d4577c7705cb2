/** Reads a file's state at intervals, and calls back when it has changed. */
import { stat } from "node:fs/promises";

const LOOK_EVERY_MS = 2_000;

export interface FileWatch {
  stop(): void;
}

const GONE = "gone";

/** Another text for every other content, as far as the file system tells. */
async function signOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return GONE;
  }
}

/** `onRefused`: it is gone, or `onChanged` threw; told once, until the file changes again. */
export function watchFile(
  file: string,
  onChanged: () => Promise<void>,
  onRefused: (error: unknown) => void,
): FileWatch {
  let seen: string | null = null;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const sign = await signOf(file);
      if (seen === null || sign === seen) {
        seen = sign;
        return;
      }
      // Whatever comes of it is told once, until the file changes again.
      seen = sign;
      if (sign === GONE) throw new Error(`${file} is gone; what it said stays in force`);
      await onChanged();
    } catch (error) {
      onRefused(error);
    } finally {
      looking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
