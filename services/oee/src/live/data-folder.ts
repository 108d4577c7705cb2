/** Opens the data folder of a process; each error of the system that prevents it gets a code of ours. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Failure, reasonOf } from "../failure.ts";

const CODES: Readonly<Record<string, readonly [code: string, todo: string]>> = {
  EROFS: ["OEE_DATA_READ_ONLY", "its file system is mounted read-only; name another with --data"],
  EACCES: ["OEE_DATA_ACCESS_DENIED", "give it to the user that runs oee"],
  EPERM: ["OEE_DATA_ACCESS_DENIED", "give it to the user that runs oee"],
  ENOSPC: ["OEE_DATA_DISK_FULL", "free some space"],
  EDQUOT: ["OEE_DATA_DISK_FULL", "free some space"],
};

/** Makes the folder, for its user alone, and looks whether it can be written. Throws `Failure` with a code. */
export function makeDataFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw folderFailure(data, error) ?? new Failure(`OEE_DATA_UNUSABLE: cannot make ${data}: ${reasonOf(error)}`);
  }
  try {
    // One of an earlier release may be open to others.
    chmodSync(data, 0o700);
  } catch {
    // The folder belongs to another user, or to a file system that is mounted read-only.
  }
  const refusal = refusalToWrite(data);
  if (refusal !== null) throw folderFailure(data, refusal) ?? refusal;
}

/** The coded form of what the system said of the folder; `null`: the error has another reason, or a code of its own. */
export function folderFailure(data: string, error: unknown): Failure | null {
  if (!isSystemError(error)) return null;
  const reason: NodeJS.ErrnoException = error.code === "ENOENT" ? (refusalToWrite(data) ?? error) : error;
  const known = CODES[reason.code ?? ""];
  return known === undefined
    ? null
    : new Failure(`${known[0]}: cannot use the data folder ${data}: ${reasonOf(reason)}: ${known[1]}`, {
        cause: error,
      });
}

/** Of a folder that cannot be made on a read-only file system Node says that its parent does not exist: what the system says of it. */
function refusalToWrite(folder: string): NodeJS.ErrnoException | null {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
