/**
 * Checks that the embedded log and the store of one data folder belong together, because offsets and ownership in the
 * log refer to rows of the store. Where the log is gone (its folder lost, emptied, or moved away because it was
 * damaged), a new one begins with offsets behind those of the store, which is logged; and so do those of an events topic on
 * Kafka that was deleted and made anew. A store that is gone is found by the worker, with any log.
 */
import type { EmbeddedLog, EventLog, Topics } from "@oee/event-log";
import type { Store } from "@oee/store";
import { bytesOfLine } from "@oee/gateway/audit/audit-line";
import { restoreAudit } from "@oee/gateway/audit/restore-audit";
import type { KafkaEventLog } from "@oee/event-log/kafka";
import { metadataAfter } from "@oee/worker/epoch";
import { countEvents } from "@oee/worker/layout";
import { WORKER_DEFAULTS } from "@oee/worker/settings";
import type { Logger } from "pino";
import { reasonOf } from "../failure.ts";
import { whoRuns } from "./who-runs.ts";

const { groupId } = WORKER_DEFAULTS;

export function isEmbedded(log: EventLog): log is EmbeddedLog {
  return "beginAt" in log;
}

export function isOnKafka(log: EventLog): log is KafkaEventLog {
  return "countFrom" in log;
}

/** Before anything reads the log. Throws `LogError` and `StoreError`. */
export async function matchEventsTopic(
  log: KafkaEventLog,
  topics: Topics,
  store: Store,
  logger: Logger,
  readOnly: boolean,
): Promise<void> {
  if (!(await countEvents(log, topics, store, !readOnly))) return;
  const what =
    "the events topic was deleted and made anew: it is read from its start, and machines are computed from stored events";
  const lost = "what was in the one before and not stored yet is lost";
  logger.error({ code: "OEE_DATA_LOG_GONE", topic: topics.events.name }, `${what}; ${lost}`);
}

/**
 * Where the log has lost the audit, the store's lines are put back on it, so that the audit goes on behind them: at once, because
 * no other process writes to it.
 */
export async function matchAudit(log: EmbeddedLog, topic: string, store: Store, logger: Logger): Promise<void> {
  if (!log.isUnused(topic)) return;
  const { end } = await store.auditExtent();
  if (end === 0) return;
  const code = "OEE_AUDIT_LOST";
  const by = { ...whoRuns(), at: Date.now() };
  try {
    const lines = await restoreAudit(log, topic, store, by);
    logger.error({ code, lines }, "the log had lost the audit: its lines were put back from the store");
  } catch (error) {
    await log.beginAt(topic, groupId, end, "");
    const facts = {
      kind: "audit-lost",
      what: "",
      scope: "*",
      before: null,
      after: { lines: end, why: reasonOf(error) },
    };
    await log.append(topic, [{ key: facts.kind, value: bytesOfLine({ ...by, ...facts, seen: null }) }]);
    const what = "the log has lost the audit, and the store's lines are not whole: it goes on behind them";
    logger.error({ code, lines: end, why: reasonOf(error) }, what);
  }
}

/** Before anything reads the log. Throws `LogError` and `StoreError`. */
export async function matchLogAndStore(log: EmbeddedLog, topics: Topics, store: Store, logger: Logger): Promise<void> {
  await matchAudit(log, topics.audit.name, store, logger);
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
