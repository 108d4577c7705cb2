/** Runs podman in the repository's folder. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const execute = promisify(execFile);

/** What a command of podman prints. */
export async function podman(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("podman", ["--runtime", "runc", ...args], { cwd: ROOT, maxBuffer: 1 << 26 });
  return stdout.trim();
}
