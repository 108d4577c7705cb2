/** Opens the data folder of a process; each error of the system that prevents it gets a code of ours. */
import { chmodSync, mkdirSync } from "node:fs";
import { Failure, reasonOf } from "../failure.ts";

const CODES: Readonly<Record<string, readonly [code: string, todo: string]>> = {
  EROFS: ["OEE_DATA_READ_ONLY", "its file system is mounted read-only; name another with --data"],
  EACCES: ["OEE_DATA_ACCESS_DENIED", "give it to the user that runs oee"],
  EPERM: ["OEE_DATA_ACCESS_DENIED", "give it to the user that runs oee"],
  ENOSPC: ["OEE_DATA_DISK_FULL", "free some space"],
  EDQUOT: ["OEE_DATA_DISK_FULL", "free some space"],
};

/** Makes the folder, for its user alone. Throws `Failure` with a code. */
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
    // The folder belongs to another user; the first write shows whether it can be used.
  }
}

/** The coded form of what the system said of the folder; `null`: the error has another reason, or a code of its own. */
export function folderFailure(data: string, error: unknown): Failure | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const known = CODES[String(error.code)];
  return known === undefined
    ? null
    : new Failure(`${known[0]}: cannot use the data folder ${data}: ${reasonOf(error)}: ${known[1]}`, { cause: error });
}
