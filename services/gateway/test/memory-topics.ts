/** All topics of an installation on a log in memory, closed when the test is finished, and what modules keep on them. */
import { allTopics, type EventLog, openMemoryLog, type Topics, topics } from "@oee/event-log";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { AuditLog } from "../src/audit/audit-log.ts";
import { EntryLog } from "../src/review/entry-log.ts";

export interface MemoryTopics {
  readonly log: EventLog;
  readonly topics: Topics;
}

export async function openMemoryTopics(): Promise<MemoryTopics> {
  const of = topics("test.", 1);
  const log = openMemoryLog();
  onTestFinished(() => log.close());
  await log.ensureTopics(allTopics(of));
  return { log, topics: of };
}

/** The values of the records that a topic has now, in order. */
export async function valuesOn(log: EventLog, topic: string): Promise<readonly Buffer[]> {
  const values: Buffer[] = [];
  await new Promise<void>((resolve) => {
    const follower = log.followKeyed({
      topic,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) values.push(Buffer.from(batch.valueAt(i) ?? []));
      },
      onCaughtUp: () => void follower.close().then(resolve),
    });
  });
  return values;
}

/** The entries of a log that has these, put there as by another program. */
export async function openMemoryEntries(...values: readonly object[]): Promise<EntryLog> {
  const { log, topics: of } = await openMemoryTopics();
  await putEntries(log, of, values);
  const entries = new EntryLog(log, of);
  entries.start();
  onTestFinished(() => entries.close());
  return entries;
}

export async function putEntries(log: EventLog, { entries }: Topics, values: readonly object[]): Promise<void> {
  const records = values.map((value) => ({ key: null, value: Buffer.from(JSON.stringify(value)) }));
  if (records.length > 0) await log.append(entries.name, records);
}

/** The audit of a process without a store. `clock` gives epoch ms. */
export function auditOn({ log, topics: of }: MemoryTopics, clock: () => number): AuditLog {
  const audit = new AuditLog({ log, topic: of.audit.name, store: null, clock, logger: pino({ level: "silent" }) });
  audit.start();
  onTestFinished(() => audit.close());
  return audit;
}
