/**
 * The embedded log and the store of one data folder belong together: offsets and ownership that the one has bear on what
 * the other holds. Where the log is gone (a folder lost, moved away because it was damaged, emptied), it begins anew behind
 * what the store has, which is told. A store that is gone is found by the worker, beside any log.
 */
import type { EmbeddedLog, Topics } from "@oee/event-log";
import type { Store } from "@oee/store";
import { metadataAfter, WORKER_DEFAULTS } from "@oee/worker";
import type { Logger } from "pino";

const { groupId } = WORKER_DEFAULTS;

/** Before anything reads the log. Throws `LogError` and `StoreError`. */
export async function matchLogAndStore(log: EmbeddedLog, topics: Topics, store: Store, logger: Logger): Promise<void> {
  // The audit goes on behind the lines that the store has; `oee audit verify` tells that the log lacks them.
  const lines = await store.auditEnd();
  if (lines > 0 && log.isUnused(topics.audit.name)) await log.beginAt(topics.audit.name, groupId, lines, "");
  const { offset, version } = await store.newest();
  const events = topics.events.name;
  if (!log.isUnused(events) || (offset < 0 && version === 0n)) return;
  // Machines without a checkpoint, in a partition that was committed, are computed from stored events.
  await log.beginAt(events, groupId, offset + 1, metadataAfter(version));
  const what =
    "the log is empty beside a store that is not: it begins anew, and machines are computed from stored events";
  logger.error(
    { code: "OEE_DATA_LOG_GONE", offset: offset + 1 },
    `${what}; what was not stored yet is in a back-up at best`,
  );
}
