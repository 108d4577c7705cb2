/**
 * Takes up a changed plant file without a restart. A file that is refused changes nothing: what is wrong with it is
 * told, and the plant before stays in force.
 */
import type { Plant, ZoneDatabase } from "@oee/model";
import type { Logger } from "pino";
import { plantFromFile } from "../plant-from-file.ts";
import { type FileWatch, watchFile } from "./file-watch.ts";

export function watchPlant(
  file: string,
  zones: ZoneDatabase,
  logger: Logger,
  onPlant: (plant: Plant) => void,
  onRefused: () => void,
): FileWatch {
  return watchFile(
    file,
    async () => {
      onPlant(await plantFromFile(file, zones));
      logger.info({ file }, "plant file taken up");
    },
    (error) => {
      onRefused();
      logger.error({ code: "OEE_PLANT_REFUSED", file }, error instanceof Error ? error.message : String(error));
    },
  );
}
