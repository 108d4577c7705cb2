/** Where the built dashboards are, if they were built. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function dashboardsFolder(): string | undefined {
  const folder = fileURLToPath(new URL("../../../../dashboards/dist/", import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
