/**
 * The audit of commands that change or list what is stored, or how machines are dealt, without a gateway: a line
 * before the command does anything (if it cannot be written the command does nothing), and one with the outcome. Where
 * the command opens the store of this log, the lines are in the store when it ends.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { EventLog, Topics } from "@oee/event-log";
import { type AuditFacts, AuditLog, type AuditState, type StateKind } from "@oee/gateway";
import type { Store } from "@oee/store";
import type { Logger } from "pino";
import { Failure, reasonOf } from "../failure.ts";
import { openLogOf, openStoreOf } from "./connections.ts";
import { isEmbedded, matchAudit } from "./log-and-store.ts";
import type { CommonSettings } from "./settings.ts";
import { whoRuns } from "./who-runs.ts";

export interface AuditedCommand {
  readonly log: EventLog;
  readonly topics: Topics;
  /** Identifies what is done in all lines about it. */
  readonly id: string;
  /** Durable when it resolves. */
  tell(facts: Pick<AuditFacts, "kind" | "scope" | "before" | "after">): Promise<void>;
  /** A line where the state is another than the audit was told last. Durable when it resolves. */
  tellState(kind: StateKind, now: AuditState): Promise<void>;
}

/** Whether there is a log to which the audit of this installation belongs: a command does not make one. */
export function hasLog({ kafka, data }: Pick<CommonSettings, "kafka" | "data">): boolean {
  return kafka !== undefined || existsSync(join(resolve(data), "log"));
}

/** For commands that work on the log: the store that belongs to it takes the lines where the settings name one. Throws `Failure`. */
export async function withAuditedLog<T>(
  settings: CommonSettings,
  logger: Logger,
  work: (audited: AuditedCommand) => Promise<T>,
): Promise<T> {
  // The embedded store is that of the embedded log.
  if (settings.kafka !== undefined && settings.clickhouse === undefined) {
    return withAudit(settings, null, logger, undefined, work);
  }
  const store = await openStoreOf(settings);
  try {
    await store.migrate();
    return await withAudit(settings, store, logger, undefined, work);
  } finally {
    await store.close();
  }
}

/**
 * `store`: `null` where there is none that has a table of the audit. `said`: who is said to do it, in the place of the account's name.
 * Throws `Failure`.
 */
export async function withAudit<T>(
  settings: CommonSettings,
  store: Store | null,
  logger: Logger,
  said: string | undefined,
  work: (audited: AuditedCommand) => Promise<T>,
): Promise<T> {
  // A log that is made beside a server's store would be one that no other process writes to.
  if (settings.clickhouse !== undefined && !hasLog(settings)) {
    throw new Failure(
      "found no log of this installation, expected --kafka, or --data of `oee start`: the audit is on it",
    );
  }
  const { log, topics } = await openLogOf(settings, logger).catch((error: unknown) => {
    throw new Failure(`the audit is on the log, which does not open: ${reasonOf(error)}`, { cause: error });
  });
  const topic = topics.audit.name;
  const audit = new AuditLog({ log, topic, store, clock: Date.now, logger });
  try {
    if (isEmbedded(log) && store !== null) await matchAudit(log, topic, store, logger);
    audit.start();
    const id = randomUUID();
    const runs = whoRuns();
    const by = { who: said ?? runs.who, from: runs.from };
    const result = await work({
      ...{ log, topics, id },
      tell: (facts) => audit.write({ ...facts, ...by, what: id }),
      tellState: async (kind, now) => {
        await audit.caughtUp;
        const differences = audit.states.differences(kind, "", now);
        if (differences !== null) await audit.write({ ...by, kind, what: "", scope: "*", ...differences });
      },
    });
    if (store !== null) await audit.stored();
    return result;
  } finally {
    await audit.close();
    await log.close();
  }
}
