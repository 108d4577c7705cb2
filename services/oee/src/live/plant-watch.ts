/**
 * Applies a changed plant file without a restart. A file with problems changes nothing: the problems are logged, and
 * the plant before stays in force.
 */
import type { Plant, ZoneDatabase } from "@oee/model";
import type { Logger } from "pino";
import { readPlant } from "../plant-reader/read-plant.ts";
import { type FileWatch, watchFile } from "./file-watch.ts";

export function watchPlant(
  file: string,
  zones: ZoneDatabase,
  logger: Logger,
  onPlant: (plant: Plant) => Promise<void> | void,
  onRefused: () => void,
): FileWatch {
  return watchFile(
    file,
    async () => {
      await onPlant(await readPlant(file, zones));
      logger.info({ file }, "plant file taken up");
    },
    (error) => {
      onRefused();
      logger.error({ code: "OEE_PLANT_REFUSED", file }, error instanceof Error ? error.message : String(error));
    },
  );
}
