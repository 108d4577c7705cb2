/**
 * Takes up a changed plant file without a restart. A file that is refused changes nothing: what is wrong with it is
 * told, and the plant before stays in force.
 */
import { stat } from "node:fs/promises";
import type { Plant, ZoneDatabase } from "@oee/model";
import type { Logger } from "pino";
import { plantFromFile } from "../plant-from-file.ts";

const LOOK_EVERY_MS = 2_000;

export interface PlantWatch {
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

export function watchPlant(
  file: string,
  zones: ZoneDatabase,
  logger: Logger,
  onPlant: (plant: Plant) => void,
  onRefused: () => void,
): PlantWatch {
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
      if (sign === GONE) throw new Error(`${file} is gone; the plant before stays in force`);
      onPlant(await plantFromFile(file, zones));
      logger.info({ file }, "plant file taken up");
    } catch (error) {
      onRefused();
      logger.error({ code: "OEE_PLANT_REFUSED", file }, error instanceof Error ? error.message : String(error));
    } finally {
      looking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
