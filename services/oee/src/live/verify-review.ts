/**
 * What `oee verify` says of the tables that the review keeps: entries and messages against their topics, presented reviews
 * against their digests, days on which machines were heard of against raw events, sums of days against minutes. Latencies are of arrivals, which nothing
 * tells a second time.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type EventLog, LogError, topics } from "@oee/event-log";
import type { Store, StoredEntry, StoredMessage } from "@oee/store";
import { loggerOf, openLog } from "./connections.ts";
import type { CommonSettings } from "./settings.ts";

export type Report = (difference: Readonly<Record<string, unknown>>) => void;

/** `opened`: the log, where it is open. `repair`: days are written as the raw events have them. Answers how many were. */
export async function verifyReviewTables(
  store: Store,
  settings: CommonSettings,
  report: Report,
  repair: boolean,
  opened: EventLog | null,
): Promise<number> {
  for (const { id, rev, digest, document } of await store.presentedReviews()) {
    const computed = `sha256:${createHash("sha256").update(document, "utf8").digest("hex")}`;
    if (computed !== digest) report({ table: "presented_reviews", id, rev, stored: digest, recomputed: computed });
  }
  const days = await store.assetDaysThatDiffer();
  for (const { machine, date, stored, recomputed } of days) {
    report({ table: "asset_days", machine, date, stored: stored === "" ? null : stored, recomputed });
  }
  if (repair) for (const { machine, date } of days) await store.rebuildAssetDay(machine, date);
  const sums = await store.daySumsThatDiffer();
  for (const { machine, from, product, stored, recomputed } of sums) {
    report({ table: "kpi_days", machine, date: from, product, stored, recomputed });
  }
  if (repair) {
    for (const { machine, from } of sums) {
      const at = Date.parse(`${from}Z`);
      await store.forgetDaySums(machine, { from: at, to: at + 1 });
    }
  }
  await againstTopics(store, settings, report, opened);
  return repair ? days.length + sums.length : 0;
}

async function againstTopics(
  store: Store,
  settings: CommonSettings,
  report: Report,
  opened: EventLog | null,
): Promise<void> {
  const data = resolve(settings.data);
  if (settings.kafka === undefined && (settings.clickhouse !== undefined || !existsSync(join(data, "log")))) {
    process.stderr.write("entries and messages are not compared: --kafka, or --data, names the log that has them\n");
    return;
  }
  const log = opened ?? (await openLog(settings, data, loggerOf(settings), Date.now));
  const of = topics(settings.topicPrefix);
  try {
    const end = await store.entriesEnd();
    const stored = await entriesOf(store);
    let waiting = 0;
    await readAll(log, of.entries.name, (offset, value) => {
      if (offset >= end) waiting++;
      else compareEntry(stored, offset, value, report);
    });
    for (const offset of stored.keys()) report({ table: "entries", offset, found: "no such entry in the log" });
    if (waiting > 0) process.stderr.write(`${waiting} entries are in the log and not stored yet\n`);
    await compareMessages(store, log, of.messages.name, report);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    process.stderr.write(`entries and messages are not compared: ${error.code}: ${error.message}\n`);
  } finally {
    if (opened === null) await log.close();
  }
}

async function entriesOf(store: Store): Promise<Map<number, StoredEntry>> {
  const stored = new Map<number, StoredEntry>();
  for (let from = 0; ; ) {
    const page = await store.storedEntries(from);
    for (const entry of page) stored.set(entry.offset, entry);
    const last = page.at(-1);
    if (last === undefined) return stored;
    from = last.offset + 1;
  }
}

function compareEntry(stored: Map<number, StoredEntry>, offset: number, value: unknown, report: Report): void {
  const was = stored.get(offset);
  stored.delete(offset);
  const { document: _, ...fields } =
    typeof value === "object" && value !== null ? (value as { document?: unknown }) : {};
  const text = JSON.stringify(fields);
  if (was?.value !== text) report({ table: "entries", offset, stored: was?.value ?? null, recomputed: text });
}

async function compareMessages(store: Store, log: EventLog, topic: string, report: Report): Promise<void> {
  const stored = new Map<string, StoredMessage>();
  for (const message of await store.messages({ dueFrom: 0 })) stored.set(message.key, message);
  const newest = new Map<string, { readonly offset: number; readonly text: string }>();
  await readAll(log, topic, (offset, value) => {
    const key = typeof value === "object" && value !== null && "key" in value ? String(value.key) : null;
    if (key !== null) newest.set(key, { offset, text: JSON.stringify(value) });
  });
  const end = Math.max(-1, ...[...stored.values()].map(({ offset }) => offset));
  for (const [key, { offset, text }] of newest) {
    const was = stored.get(key);
    stored.delete(key);
    // Entries after the newest stored one are not stored yet.
    if (offset > end || was?.value === text) continue;
    report({ table: "messages", key, stored: was?.value ?? null, recomputed: text });
  }
  for (const [key, { value }] of stored) report({ table: "messages", key, stored: value, recomputed: null });
}

/** All records of a topic with one partition, up to now. Throws `LogError`. */
async function readAll(log: EventLog, topic: string, take: (offset: number, value: unknown) => void): Promise<void> {
  // One that is not there would be waited for.
  await log.partitionsOf(topic);
  await new Promise<void>((done, failed) => {
    const follower = log.followKeyed({
      topic,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) take(batch.offsetAt(i), valueIn(batch.valueAt(i)));
      },
      onCaughtUp: () => void follower.close().then(done, failed),
    });
  });
}

function valueIn(bytes: Buffer | null): unknown {
  try {
    return bytes === null ? null : JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
