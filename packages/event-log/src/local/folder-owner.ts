/**
 * One process owns a data folder. The file `owner.json` names it by pid, start of the process and boot of the machine. The
 * file of a killed process is taken over, even where its pid is in use again; that of a living one is not. On systems
 * without `/proc` the pid alone decides. Processes that do not see one another's pids (containers
 * that share a volume) are not told apart from dead ones: give each its own folder.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogError } from "../error.ts";
import { bootId, isAnother, isThere, type ProcessIdentity, startOf } from "../process-identity.ts";

type Owner = Pick<ProcessIdentity, "pid" | "startedAt" | "bootId">;

/** Folders that this process owns. */
const ownedHere = new Set<string>();

/** Takes the folder, or throws `OEE_LOG_FOLDER_OWNED` naming the pid. Answers how to give it back. */
export function ownFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "owner.json");
  const self: Owner = { pid: process.pid, startedAt: startOf(process.pid), bootId: bootId() };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (create(path, self)) {
      ownedHere.add(path);
      return () => {
        if (ownedHere.delete(path)) rmSync(path, { force: true });
      };
    }
    const owner = read(path);
    if (owner !== null && lives(owner, path)) break;
    removeStale(path, owner);
  }
  const pid = read(path)?.pid ?? "unknown";
  throw new LogError(
    "OEE_LOG_FOLDER_OWNED",
    `the data folder ${folder} is in use by process ${pid}: stop that process, or name another folder`,
  );
}

function create(path: string, owner: Owner): boolean {
  try {
    writeFileSync(path, JSON.stringify(owner), { flag: "wx", flush: true, mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Null when the file is gone, or was not written to its end. */
function read(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return null;
  }
}

/**
 * Two processes may find the same stale file. Renaming has one winner; who finds that it renamed another file than the
 * stale one puts it back.
 */
function removeStale(path: string, stale: Owner | null): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (JSON.stringify(read(aside)) !== JSON.stringify(stale)) renameSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  rmSync(aside, { force: true });
}

function lives({ pid, startedAt, bootId: boot }: Owner, path: string): boolean {
  if (pid === process.pid) return ownedHere.has(path);
  if (boot !== null && boot !== bootId()) return false;
  return isThere(pid) && (startedAt === null || !isAnother(pid, startedAt));
}
