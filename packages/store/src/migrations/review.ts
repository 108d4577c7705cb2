/** What the review keeps beside rows and stops: entries, presented reviews, latencies, machines seen, alerts, messages. */
import type { Migration } from "./migration.ts";

export const REVIEW: Migration = {
  number: 3,
  name: "entries, presented reviews, latencies, machines seen, alerts, messages",
  statements: [
    `CREATE TABLE IF NOT EXISTS oee.entries {onCluster} (
  offset Int64 COMMENT 'place in the log of entries',
  type LowCardinality(String) COMMENT 'baseline, target, pilot, action, review, acknowledgement, …',
  id String COMMENT 'identifies the entry among those of its type',
  rev UInt32 COMMENT 'revision, from 1',
  at Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was made; NULL: it does not say',
  by String COMMENT 'who made it; empty: nobody is named',
  scope String COMMENT 'machine, line, area, site or *; empty: it names none, or several',
  withdrawn Bool COMMENT 'whether this revision ends the entry',
  refused LowCardinality(String) COMMENT 'why it is none: invalid, unknown-scope, …; empty: it is one',
  value String COMMENT 'the entry, one JSON object; of a review without its document' CODEC(ZSTD(3))
) ENGINE = {merge} ORDER BY offset
{settings} COMMENT 'What people put in, every revision, in the order of the log; SELECT FINAL'`,

    `CREATE TABLE IF NOT EXISTS oee.presented_reviews {onCluster} (
  id String COMMENT 'the review',
  rev UInt32 COMMENT 'revision of its entry',
  scope String COMMENT 'machine, line, area, site or *',
  period String COMMENT 'name of the period, or its two dates as JSON',
  presented_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was presented or signed',
  instant String COMMENT 'up to when everything was known, RFC 3339',
  plant_version String COMMENT 'digest of the plant file, see plants',
  position String COMMENT 'how far the logs were read: offsets by topic and partition, JSON',
  digest String COMMENT 'sha256: of the document',
  sign_offs String COMMENT 'who signed it, JSON' CODEC(ZSTD(3)),
  document String COMMENT 'every figure, canonical JSON (RFC 8785)' CODEC(ZSTD(6))
) ENGINE = {merge} ORDER BY (id, rev)
{settings} COMMENT 'Reviews as they were presented; SELECT FINAL'`,

    `CREATE TABLE IF NOT EXISTS oee.latency_hours {onCluster} (
  machine LowCardinality(String) COMMENT 'site/area/line/machine',
  hop LowCardinality(String) COMMENT 'log, compute, gateway, emit or total',
  hour DateTime('UTC') COMMENT 'hour of arrival' CODEC(DoubleDelta, ZSTD(1)),
  bucket UInt16 COMMENT 'k: above the bound of k-1 up to and with ceil(2^(k/4)) ms; 0: up to 1 ms',
  count UInt64 COMMENT 'events measured' CODEC(T64, ZSTD(1))
) ENGINE = {sum count} PARTITION BY toYYYYMM(hour) ORDER BY (machine, hop, hour, bucket)
{settings} COMMENT 'How long events took, as counts that add up; sum(count) over the rows of a key'`,

    `CREATE TABLE IF NOT EXISTS oee.asset_days {onCluster} (
  machine String COMMENT 'site/area/line/machine; of an undeclared one the text that named it',
  date Date COMMENT 'date in UTC',
  declared UInt8 COMMENT '1: a machine of the plant file, whose events were taken; 0: refused as unknown-machine',
  first SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'first event of the date',
  last SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'last event of the date',
  events SimpleAggregateFunction(sum, UInt64) COMMENT 'events taken, corrections and repeats aside; those written again after a crash count again'
) ENGINE = {aggregate} PARTITION BY toYYYYMM(date) ORDER BY (date, declared, machine)
{settings} COMMENT 'Which machines were heard of on which days; min(first), max(last), sum(events)'`,

    `INSERT INTO oee.asset_days (machine, date, declared, first, last, events)
SELECT machine, toDate(at) AS date, 1, min(at), max(at), count() FROM oee.events FINAL
WHERE type != 'correction' AND NOT is_repeat AND (SELECT count() FROM oee.asset_days) = 0
GROUP BY machine, date SETTINGS max_partitions_per_insert_block = 1300`,

    `CREATE MATERIALIZED VIEW IF NOT EXISTS oee.asset_days_of_events {onCluster} TO oee.asset_days AS
SELECT CAST(machine, 'String') AS machine, toDate(at) AS date, 1 AS declared, min(at) AS first, max(at) AS last, count() AS events
FROM oee.events WHERE type != 'correction' AND NOT is_repeat GROUP BY machine, date
COMMENT 'Fills asset_days as events are stored'`,

    `CREATE TABLE IF NOT EXISTS oee.alerts {onCluster} (
  ticket String COMMENT 'rule and subject: identifies the alert',
  rule LowCardinality(String) COMMENT 'alert rule of the plant file',
  kind LowCardinality(String) COMMENT 'stop, no-reason, kpi, silent, late or behind',
  scope LowCardinality(String) COMMENT 'the machine, line, area, site or * that it is about',
  reason String COMMENT 'reason of the stop when it opened; empty: none',
  opens DateTime64(3, 'UTC') COMMENT 'when its condition was reached',
  resolves Nullable(DateTime64(3, 'UTC')) COMMENT 'when its condition was over; NULL: not as far as is known',
  seen DateTime64(3, 'UTC') COMMENT 'since when it was known',
  withdrawn Nullable(DateTime64(3, 'UTC')) COMMENT 'when late events or corrections took it back; NULL: it stands',
  version UInt64 COMMENT 'grows; of one ticket the row with the greatest counts'
) ENGINE = {merge version} ORDER BY ticket
{settings} COMMENT 'Alerts, without what people said to them (see entries); SELECT FINAL'`,

    `CREATE TABLE IF NOT EXISTS oee.messages {onCluster} (
  key String COMMENT 'ticket, step and kind: identifies the message',
  offset Int64 COMMENT 'place in the log of messages; of one key the row with the greatest counts',
  ticket String COMMENT 'the alert',
  step UInt16 COMMENT 'place in the chain, from 0',
  kind LowCardinality(String) COMMENT 'step or withdrawal',
  state LowCardinality(String) COMMENT 'sending, sent or not-sent',
  at DateTime64(3, 'UTC') COMMENT 'when it was recorded',
  due DateTime64(3, 'UTC') COMMENT 'when its step was due',
  value String COMMENT 'who got it, by what, and why not, one JSON object' CODEC(ZSTD(3))
) ENGINE = {merge offset} ORDER BY key
{settings} COMMENT 'What was sent about alerts, and what was not and why; SELECT FINAL'`,
  ],
};
