/** Where the built dashboards are, if they were built. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PACKAGE } from "../package-folder.ts";

export function dashboardsFolder(): string | undefined {
  const folder = fileURLToPath(new URL("../../dashboards/dist/", PACKAGE));
  return existsSync(folder) ? folder : undefined;
}
