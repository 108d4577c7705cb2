/**
 * The embedded log: a whole event log in a folder, for one process. An append resolves when it is on disk (see
 * `lmdb-storage.ts` for what that means); consumers are woken by appends; retention is looked at once a minute.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LogError, messageOf } from "./error.ts";
import { damagedMemory } from "./local/disk-room.ts";
import { ownFolder } from "./local/folder-owner.ts";
import { damageOf } from "./local/lmdb-check.ts";
import { LmdbStorage } from "./local/lmdb-storage.ts";
import { LocalLog } from "./local/local-log.ts";
import type { EventLog, Logger } from "./port.ts";
import { silentLogger } from "./port.ts";

export interface EmbeddedLogOptions {
  /** Made when it is not there. */
  readonly folder: string;
  readonly logger?: Logger;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** All records together; beyond it appends are refused with `OEE_LOG_FULL`. Default 64 GiB. */
  readonly bytesMax?: number;
  readonly cleanIntervalMs?: number;
  /** Whether `ensureTopics` changes how long existing topics are kept. Default false: as they were made. */
  readonly retentionFollows?: boolean;
  /** A write that the disk refused has damaged the memory of this process, which is to end at once: `OEE_LOG_MEMORY_DAMAGED`. */
  readonly onMemoryDamaged?: (error: LogError) => void;
}

export interface EmbeddedLog extends EventLog {
  /** Applies retention now, a bounded part of it; true when there may be more. */
  clean(): Promise<boolean>;
  isUnused(topic: string): boolean;
  beginAt(topic: string, groupId: string, offset: number, metadata: string): Promise<void>;
}

const BYTES_MAX = 64 * 1024 ** 3;
const CLEAN_INTERVAL_MS = 60_000;
const FOLDER_VERSION = "1";

/** Opens the log; throws `OEE_LOG_FOLDER_OWNED` when another process has it, `OEE_LOG_DAMAGED` when it is not whole. */
export function openEmbeddedLog(options: EmbeddedLogOptions): EmbeddedLog {
  const { folder, logger = silentLogger, now = Date.now } = options;
  const { bytesMax = BYTES_MAX, cleanIntervalMs = CLEAN_INTERVAL_MS, retentionFollows = false } = options;
  const release = ownFolder(folder);
  let storage: LmdbStorage | null = null;
  try {
    storage = openStorage(folder);
    checkVersion(storage, folder, logger);
    const writeError = (error: unknown): LogError => {
      const failure = writeErrorOf(error, folder);
      if (failure.code === "OEE_LOG_MEMORY_DAMAGED") options.onMemoryDamaged?.(failure);
      return failure;
    };
    return new LocalLog(storage, {
      logger,
      now,
      bytesMax,
      writeError,
      cleanIntervalMs,
      retentionFollows,
      onClosed: release,
    });
  } catch (error) {
    void storage?.close();
    release();
    throw error;
  }
}

/** Throws `OEE_LOG_DAMAGED` where the file cannot be what the log wrote. */
function openStorage(folder: string): LmdbStorage {
  const path = join(folder, "log");
  const damaged = (what: string, cause?: unknown): LogError => {
    const todo = `Put a back-up of ${folder} in its place; or move ${path} away, and the log begins anew beside what the store holds`;
    return new LogError(
      "OEE_LOG_DAMAGED",
      `the log's file ${join(path, "data.mdb")} is damaged: ${what}. ${todo}`,
      cause,
    );
  };
  const damage = damageOf(join(path, "data.mdb"));
  if (damage !== null) throw damaged(damage);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  try {
    return new LmdbStorage(path);
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) };
    throw /MDB_(INVALID|CORRUPTED|VERSION_MISMATCH|PAGE_NOTFOUND|PANIC)/.test(message)
      ? damaged(message, error)
      : error;
  }
}

function checkVersion(storage: LmdbStorage, folder: string, logger: Logger): void {
  const [stored] = storage.texts("version");
  if (stored === undefined) {
    storage
      .write([{ kind: "putText", name: "version", text: FOLDER_VERSION }])
      .catch((error: unknown) => logger.error("writing the log's version failed", { error: messageOf(error) }));
  } else if (stored[1] !== FOLDER_VERSION) {
    throw new LogError(
      "OEE_LOG_FOLDER_VERSION",
      `the log in ${folder} has version ${stored[1]}, expected ${FOLDER_VERSION}: use the release that wrote it`,
    );
  }
}

function writeErrorOf(error: unknown, folder: string): LogError {
  if (error instanceof LogError) return error;
  const what = `writing to ${folder} failed: ${messageOf(error)}`;
  if (!damagedMemory(error)) return new LogError("OEE_LOG_APPEND_FAILED", what, error);
  const todo = "This process ends; what was accepted is in the log, and the next start goes on from there";
  return new LogError("OEE_LOG_MEMORY_DAMAGED", `${what}. ${todo}`, error);
}
