/**
 * Keeps the text of each version of the plant file in the store (DI-3), so that it can be seen years later by which
 * file numbers were made.
 */
import { readFile } from "node:fs/promises";
import type { Plant } from "@oee/model";
import type { Store } from "@oee/store";

/** Keeping it is worth no failure of what runs: numbers do not depend on it. */
export async function keepPlant(store: Store, file: string, plant: Plant, now: number): Promise<void> {
  try {
    await store.savePlant({ version: plant.version, loadedAt: now, text: await readFile(file, "utf8") });
  } catch {
    // The next start keeps it.
  }
}
