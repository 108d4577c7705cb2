/** The audit as a table: the lines of the topic `oee.audit` with the hashes that chain them. */
import type { Migration } from "./migration.ts";

export const AUDIT_LOG: Migration = {
  number: 4,
  name: "audit log",
  statements: [
    `CREATE TABLE IF NOT EXISTS oee.audit_log {onCluster} (
  offset Int64 COMMENT 'place in the topic of the audit' CODEC(Delta, ZSTD(1)),
  at DateTime64(3, 'UTC') COMMENT 'when it was done' CODEC(Delta, ZSTD(1)),
  who String COMMENT 'identifies the person or the token; empty: nobody who signed in' CODEC(ZSTD(1)),
  kind LowCardinality(String) COMMENT 'what was done: sign-in, correction, token-created, …',
  what String COMMENT 'what it was done to; empty: the kind says it' CODEC(ZSTD(1)),
  scope String COMMENT 'machine, line, area, site or * that it was done to' CODEC(ZSTD(1)),
  from_address String COMMENT 'address that it came from; empty: the installation itself' CODEC(ZSTD(1)),
  raw String COMMENT 'the line as it stands on the topic, with before and after, as JSON' CODEC(ZSTD(3)),
  hash FixedString(64) COMMENT 'SHA-256 of the hash of the line before and of raw: hexadecimal digits' CODEC(ZSTD(1))
) ENGINE = {merge} ORDER BY offset
{settings} COMMENT 'Who did what, when and from where, chained by hash: oee audit verify checks it; SELECT … FINAL'`,
  ],
};
