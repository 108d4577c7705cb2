/** A log in memory, for tests and simulation: deterministic, with hooks to make it fail. Durable as long as the object. */
import type { Sleep } from "@oee/pacing";
import { LogError, messageOf } from "./error.ts";
import { type LocalFaults, LocalLog } from "./local/local-log.ts";
import { MemoryStorage } from "./local/memory-storage.ts";
import type { EventLog, Logger } from "./port.ts";
import { silentLogger } from "./port.ts";

export interface MemoryLogOptions {
  readonly logger?: Logger;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** How waiting before another try is done. */
  readonly sleep?: Sleep;
  readonly bytesMax?: number;
  readonly faults?: LocalFaults;
}

export interface MemoryLog extends EventLog {
  /** Applies retention now, a bounded part of it; true when there may be more. */
  clean(): Promise<boolean>;
}

export function openMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const { logger = silentLogger, now = Date.now, bytesMax = Number.POSITIVE_INFINITY, sleep, faults } = options;
  const writeError = (error: unknown): LogError => new LogError("OEE_LOG_APPEND_FAILED", messageOf(error), error);
  return new LocalLog(new MemoryStorage(), { logger, now, bytesMax, sleep, faults, writeError, cleanIntervalMs: null });
}
