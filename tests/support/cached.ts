import { homedir } from "node:os";
import { join } from "node:path";

/** The path of what `tests/prepare.sh` got: a file or folder of the project's cache. */
export function cached(...path: readonly string[]): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "open-oee", ...path);
}
