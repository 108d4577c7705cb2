/** What the review keeps beside rows and stops. Writing the same again changes nothing, but for latencies, which add up. */
import { flags, instants, instantsOrNull, integers, minutes, names, texts, versions } from "./native-column.ts";
import type { Period } from "./period.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { eventsExpireBefore } from "./retention.ts";
import { type Transport, TRUE_INSTANTS } from "./transport.ts";
import { writeBatches } from "./writer.ts";

/** One revision of an entry, as the log has it. */
export interface StoredEntry {
  readonly offset: number;
  readonly type: string;
  readonly id: string;
  readonly rev: number;
  /** Epoch ms. */
  readonly at: number | null;
  readonly by: string | null;
  readonly scope: string | null;
  readonly withdrawn: boolean;
  /** Why it is none; `null`: it is one. */
  readonly refused: string | null;
  /** JSON. */
  readonly value: string;
}

export interface PresentedReview {
  readonly id: string;
  readonly rev: number;
  readonly scope: string;
  readonly period: string;
  readonly presentedAt: number | null;
  readonly instant: string;
  readonly plantVersion: string;
  /** JSON. */
  readonly position: string;
  readonly digest: string;
  /** JSON. */
  readonly signOffs: string;
  readonly document: string;
}

export interface LatencyCount {
  readonly machine: string;
  readonly hop: string;
  /** Start of the hour of arrival (epoch ms). */
  readonly hour: number;
  readonly bucket: number;
  readonly count: number;
}

export interface StoredAlert {
  readonly ticket: string;
  readonly rule: string;
  readonly kind: string;
  readonly scope: string;
  readonly reason: string | null;
  /** Instants in epoch ms. */
  readonly opens: number;
  readonly resolves: number | null;
  readonly seen: number;
  readonly withdrawn: number | null;
}

export interface StoredMessage {
  readonly key: string;
  readonly offset: number;
  readonly ticket: string;
  readonly step: number;
  readonly kind: string;
  readonly state: string;
  readonly at: number;
  readonly due: number;
  /** JSON. */
  readonly value: string;
}

/** Machines that the plant file lacks, by the texts that named them. */
export interface UndeclaredDay {
  readonly machine: string;
  readonly first: number;
  readonly last: number;
  readonly events: number;
}

export async function insertEntries(transport: Transport, entries: readonly StoredEntry[]): Promise<void> {
  await writeBatches<readonly StoredEntry[]>(
    transport,
    "entries",
    [
      integers("offset", ({ offset }) => offset),
      names("type", ({ type }) => type),
      texts("id", ({ id }) => id),
      integers("rev", ({ rev }) => rev),
      instantsOrNull("at", ({ at }) => at),
      texts("by", ({ by }) => by ?? ""),
      texts("scope", ({ scope }) => scope ?? ""),
      flags("withdrawn", ({ withdrawn }) => withdrawn),
      names("refused", ({ refused }) => refused),
      texts("value", ({ value }) => value),
    ],
    entries,
    (i) => entries[i]?.value.length ?? 0,
  );
}

export async function insertPresentedReviews(transport: Transport, reviews: readonly PresentedReview[]): Promise<void> {
  await writeBatches<readonly PresentedReview[]>(
    transport,
    "presented_reviews",
    [
      texts("id", ({ id }) => id),
      integers("rev", ({ rev }) => rev),
      texts("scope", ({ scope }) => scope),
      texts("period", ({ period }) => period),
      instantsOrNull("presented_at", ({ presentedAt }) => presentedAt),
      texts("instant", ({ instant }) => instant),
      texts("plant_version", ({ plantVersion }) => plantVersion),
      texts("position", ({ position }) => position),
      texts("digest", ({ digest }) => digest),
      texts("sign_offs", ({ signOffs }) => signOffs),
      texts("document", ({ document }) => document),
    ],
    reviews,
    (i) => reviews[i]?.document.length ?? 0,
  );
}

export async function insertLatencies(transport: Transport, counts: readonly LatencyCount[]): Promise<void> {
  await writeBatches<readonly LatencyCount[]>(
    transport,
    "latency_hours",
    [
      names("machine", ({ machine }) => machine),
      names("hop", ({ hop }) => hop),
      minutes("hour", ({ hour }) => hour),
      integers("bucket", ({ bucket }) => bucket),
      integers("count", ({ count }) => count),
    ],
    counts,
  );
}

/** `version`: greater than that of earlier writes of the same alerts. */
export async function insertAlerts(
  transport: Transport,
  alerts: readonly StoredAlert[],
  version: bigint,
): Promise<void> {
  await writeBatches<readonly StoredAlert[]>(
    transport,
    "alerts",
    [
      texts("ticket", ({ ticket }) => ticket),
      names("rule", ({ rule }) => rule),
      names("kind", ({ kind }) => kind),
      names("scope", ({ scope }) => scope),
      texts("reason", ({ reason }) => reason ?? ""),
      instants("opens", ({ opens }) => opens),
      instantsOrNull("resolves", ({ resolves }) => resolves),
      instants("seen", ({ seen }) => seen),
      instantsOrNull("withdrawn", ({ withdrawn }) => withdrawn),
      versions("version", () => version),
    ],
    alerts,
  );
}

export async function insertMessages(transport: Transport, messages: readonly StoredMessage[]): Promise<void> {
  await writeBatches<readonly StoredMessage[]>(
    transport,
    "messages",
    [
      texts("key", ({ key }) => key),
      integers("offset", ({ offset }) => offset),
      texts("ticket", ({ ticket }) => ticket),
      integers("step", ({ step }) => step),
      names("kind", ({ kind }) => kind),
      names("state", ({ state }) => state),
      instants("at", ({ at }) => at),
      instants("due", ({ due }) => due),
      texts("value", ({ value }) => value),
    ],
    messages,
    (i) => messages[i]?.value.length ?? 0,
  );
}

export async function insertUndeclared(transport: Transport, days: readonly UndeclaredDay[]): Promise<void> {
  const rows = days.map((day) => ({ ...day, date: Math.floor(day.first / DAY_MS) }));
  for (const { machine, date, first, last, events } of rows) {
    await transport.command(
      `INSERT INTO oee.asset_days (machine, date, declared, first, last, events) SETTINGS async_insert = 0
SELECT {machine:String}, toDate({date:Int32}), 0, fromUnixTimestamp64Milli({first:Int64}, 'UTC'),
  fromUnixTimestamp64Milli({last:Int64}, 'UTC'), {events:UInt64}`,
      { machine, date, first, last, events },
    );
  }
}

const DAY_MS = 24 * 3_600_000;
const ALERTS_MAX = 200_000;
const MESSAGES_MAX = 200_000;
const ENTRIES_PAGE = 100_000;

interface AlertJson {
  readonly ticket: string;
  readonly rule: string;
  readonly kind: string;
  readonly scope: string;
  readonly reason: string;
  readonly opens_ms: string;
  readonly resolves_ms: string | null;
  readonly seen_ms: string;
  readonly withdrawn_ms: string | null;
}

/** Alerts that opened in a period, or were not over or withdrawn before it, or those of some tickets; by opening and ticket. */
export async function storedAlerts(
  transport: Transport,
  asked: Period | { readonly tickets: readonly string[] },
): Promise<StoredAlert[]> {
  const since = "fromUnixTimestamp64Milli({from:Int64}, 'UTC')";
  const where =
    "tickets" in asked
      ? "ticket IN {tickets:Array(String)}"
      : `opens < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  AND (opens >= ${since} OR coalesce(withdrawn, resolves, ${since}) >= ${since})`;
  const rows = await transport.rows<AlertJson>(
    `SELECT ticket, rule, kind, scope, reason, toUnixTimestamp64Milli(opens) AS opens_ms,
  toUnixTimestamp64Milli(resolves) AS resolves_ms, toUnixTimestamp64Milli(seen) AS seen_ms,
  toUnixTimestamp64Milli(withdrawn) AS withdrawn_ms
FROM oee.alerts FINAL WHERE ${where} ORDER BY opens, ticket LIMIT ${ALERTS_MAX}`,
    "tickets" in asked ? { tickets: [...asked.tickets] } : { ...asked },
  );
  const orNull = (text: string | null): number | null => (text === null ? null : Number(text));
  return rows.map((row) => ({
    ticket: row.ticket,
    rule: row.rule,
    kind: row.kind,
    scope: row.scope,
    reason: row.reason || null,
    opens: Number(row.opens_ms),
    resolves: orNull(row.resolves_ms),
    seen: Number(row.seen_ms),
    withdrawn: orNull(row.withdrawn_ms),
  }));
}

/** Messages whose step was due at an instant (epoch ms) or later, or those of some tickets; by when they were due. */
export async function storedMessages(
  transport: Transport,
  asked: { readonly dueFrom: number } | { readonly tickets: readonly string[] },
): Promise<StoredMessage[]> {
  const where =
    "tickets" in asked
      ? "ticket IN {tickets:Array(String)}"
      : "due >= fromUnixTimestamp64Milli({dueFrom:Int64}, 'UTC')";
  const rows = await transport.rows<
    Omit<StoredMessage, "offset" | "at" | "due"> & { offset: string; at_ms: string; due_ms: string }
  >(
    `SELECT key, offset, ticket, step, kind, state, toUnixTimestamp64Milli(at) AS at_ms,
  toUnixTimestamp64Milli(due) AS due_ms, value
FROM oee.messages FINAL WHERE ${where} ORDER BY due_ms, key LIMIT ${MESSAGES_MAX}`,
    "tickets" in asked ? { tickets: [...asked.tickets] } : asked,
  );
  return rows.map(({ at_ms, due_ms, offset, ...row }) => ({
    ...row,
    offset: Number(offset),
    at: Number(at_ms),
    due: Number(due_ms),
  }));
}

/** Revisions of entries from an offset on, in the order of the log; at most 100,000. */
export async function storedEntries(transport: Transport, fromOffset: number): Promise<StoredEntry[]> {
  const rows = await transport.rows<
    Omit<StoredEntry, "offset" | "at" | "by" | "scope" | "refused"> & {
      offset: string;
      at_ms: string | null;
      by: string;
      scope: string;
      refused: string;
    }
  >(
    `SELECT offset, type, id, rev, toUnixTimestamp64Milli(at) AS at_ms, by, scope, withdrawn, refused, value
FROM oee.entries FINAL WHERE offset >= {fromOffset:Int64} ORDER BY offset LIMIT ${ENTRIES_PAGE}`,
    { fromOffset },
  );
  return rows.map(({ at_ms, offset, by, scope, refused, ...row }) => ({
    ...row,
    offset: Number(offset),
    at: at_ms === null ? null : Number(at_ms),
    by: by || null,
    scope: scope || null,
    refused: refused || null,
  }));
}

/** One past the greatest offset of a stored entry. */
export async function entriesEnd(transport: Transport): Promise<number> {
  const [row] = await transport.rows<{ next: string }>(
    "SELECT max(offset) + 1 AS next FROM oee.entries HAVING count() > 0",
  );
  return Number(row?.next ?? 0);
}

/** Presented reviews, without their documents, by id and revision. */
export async function presentedReviews(transport: Transport): Promise<PresentedReview[]> {
  const rows = await transport.rows<{
    id: string;
    rev: number;
    scope: string;
    period: string;
    at_ms: string | null;
    instant: string;
    plant_version: string;
    position: string;
    digest: string;
    sign_offs: string;
    document: string;
  }>(
    `SELECT id, rev, scope, period, toUnixTimestamp64Milli(presented_at) AS at_ms, instant, plant_version, position,
  digest, sign_offs, document FROM oee.presented_reviews FINAL ORDER BY id, rev`,
  );
  return rows.map((row) => ({
    id: row.id,
    rev: row.rev,
    scope: row.scope,
    period: row.period,
    presentedAt: row.at_ms === null ? null : Number(row.at_ms),
    instant: row.instant,
    plantVersion: row.plant_version,
    position: row.position,
    digest: row.digest,
    signOffs: row.sign_offs,
    document: row.document,
  }));
}

/** SC-3: by hop and bucket, how many events of machines arrived in the hours that begin in a period. */
export async function latencyCounts(
  transport: Transport,
  { machines, period }: { readonly machines: Machines; readonly period: Period },
): Promise<LatencyTotal[]> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<{ hop: string; bucket: number; total: string }>(
    `SELECT hop, bucket, sum(count) AS total FROM oee.latency_hours
WHERE ${filter.sql} AND hour >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND hour < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
GROUP BY hop, bucket ORDER BY hop, bucket`,
    { ...filter.parameters, ...period },
  );
  return rows.map(({ hop, bucket, total }) => ({ hop, bucket, count: Number(total) }));
}

export type LatencyTotal = Omit<LatencyCount, "machine" | "hour">;

export interface AssetSeen {
  readonly machine: string;
  readonly declared: boolean;
  readonly first: number;
  readonly last: number;
  readonly events: number;
}

/** Machines that were heard of, declared or not, with when first and last. */
export async function assetsSeen(transport: Transport): Promise<AssetSeen[]> {
  const rows = await transport.rows<{
    machine: string;
    declared: number;
    first_ms: string;
    last_ms: string;
    count: string;
  }>(
    `SELECT machine, declared, toUnixTimestamp64Milli(min(first)) AS first_ms, toUnixTimestamp64Milli(max(last)) AS last_ms,
  sum(events) AS count FROM oee.asset_days GROUP BY machine, declared ORDER BY machine, declared LIMIT ${ALERTS_MAX}`,
  );
  return rows.map(({ machine, declared, first_ms, last_ms, count }) => ({
    machine,
    declared: declared === 1,
    first: Number(first_ms),
    last: Number(last_ms),
    events: Number(count),
  }));
}

/** Writes a day of `asset_days` as the raw events that are stored have it. */
export async function rebuildAssetDay(transport: Transport, machine: string, date: string): Promise<void> {
  await transport.command(
    `ALTER TABLE oee.asset_days DELETE WHERE declared = 1 AND machine = {machine:String} AND date = {date:Date}
SETTINGS mutations_sync = 2`,
    { machine, date },
  );
  await transport.command(
    `INSERT INTO oee.asset_days (machine, date, declared, first, last, events) SETTINGS async_insert = 0, ${TRUE_INSTANTS}
SELECT CAST(machine, 'String'), toDate(at) AS date, 1, min(at), max(at), count() FROM oee.events FINAL
WHERE machine = {machine:String} AND toDate(at) = {date:Date} AND type != 'correction' AND NOT is_repeat GROUP BY machine, date`,
    { machine, date },
  );
}

/** Days on which `asset_days` says otherwise than the raw events that are stored: their first or last event, or that it is there. */
export async function assetDaysThatDiffer(
  transport: Transport,
): Promise<
  { readonly machine: string; readonly date: string; readonly stored: string; readonly recomputed: string }[]
> {
  // Of a day that is being let go the first events may be gone.
  const expired = (await eventsExpireBefore(transport)) ?? -DAY_MS;
  const from = (Math.floor(expired / DAY_MS) + 1) * DAY_MS;
  return transport.rows(
    `SELECT machine, toString(date) AS date, kept.span AS stored, raw.span AS recomputed FROM (
  SELECT machine, date, concat(toString(min(first)), ' ', toString(max(last))) AS span FROM oee.asset_days
  WHERE declared = 1 GROUP BY machine, date) AS kept
RIGHT JOIN (
  SELECT CAST(machine, 'String') AS machine, toDate(at) AS date, concat(toString(min(at)), ' ', toString(max(at))) AS span
  FROM oee.events FINAL
  WHERE type != 'correction' AND NOT is_repeat AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  GROUP BY machine, date) AS raw USING (machine, date)
WHERE kept.span != raw.span ORDER BY machine, date LIMIT 10000`,
    { from },
  );
}
