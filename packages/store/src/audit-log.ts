/** The table of the audit: lines of the topic with their hashes. Writing one twice changes nothing. */
import { instants, integers, names, texts } from "./native-column.ts";
import { StoreError } from "./store-error.ts";
import { AUDIT_LOG } from "./migrations/audit-log.ts";
import type { Transport } from "./transport.ts";
import { writeBatches } from "./writer.ts";

export interface AuditRow {
  /** In the topic. */
  readonly offset: number;
  /** Epoch ms. */
  readonly at: number;
  /** Empty: the caller did not sign in. */
  readonly who: string;
  readonly kind: string;
  readonly what: string;
  readonly scope: string;
  /** Empty: the installation itself. */
  readonly from: string;
  /** The line as it stands on the topic. */
  readonly raw: string;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

export interface AuditQuery {
  /** From this offset on. */
  readonly offset?: number;
  /** Epoch ms; `to` is exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly who?: string;
  readonly kind?: string;
  readonly limit: number;
}

export const AUDIT_ROWS_MAX = 10_000;
/** A database of an older schema has no table of the audit. */
export const AUDIT_SCHEMA_MIN: number = AUDIT_LOG.number;

/** A line may be as large as a record of its topic: larger than a bound parameter of a server may be. */
export async function insertAuditRows(transport: Transport, rows: readonly AuditRow[]): Promise<void> {
  await writeBatches<readonly AuditRow[]>(
    transport,
    "audit_log",
    [
      integers("offset", ({ offset }) => offset),
      instants("at", ({ at }) => at),
      texts("who", ({ who }) => who),
      names("kind", ({ kind }) => kind),
      texts("what", ({ what }) => what),
      texts("scope", ({ scope }) => scope),
      texts("from_address", ({ from }) => from),
      texts("raw", ({ raw }) => raw),
      texts("hash", ({ hash }) => hash),
    ],
    rows,
    (i) => rows[i]?.raw.length ?? 0,
  );
}

export interface AuditExtent {
  /** How many there are. */
  readonly lines: number;
  /** One past the greatest offset; 0 where there is none. Where it is more than `lines`, some are missing. */
  readonly end: number;
  readonly newest: Pick<AuditRow, "offset" | "hash"> | null;
}

export async function auditExtent(transport: Transport): Promise<AuditExtent> {
  const [row] = await transport.rows<{ lines: string; newest: string; hash: string }>(
    `SELECT count() AS lines, max(offset) AS newest, toString(argMax(hash, offset)) AS hash
FROM oee.audit_log FINAL HAVING count() > 0`,
  );
  if (row === undefined) return { lines: 0, end: 0, newest: null };
  const offset = Number(row.newest);
  return { lines: Number(row.lines), end: offset + 1, newest: { offset, hash: row.hash } };
}

/** In the order of the topic. */
export async function auditRows(transport: Transport, query: AuditQuery): Promise<AuditRow[]> {
  const { limit, offset = 0, ...asked } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > AUDIT_ROWS_MAX) {
    throw new StoreError("OEE_STORE_INVALID", `limit is ${limit}; 1 to ${AUDIT_ROWS_MAX} is expected`);
  }
  const conditions = [
    "offset >= {offset:Int64}",
    ...(asked.from === undefined ? [] : ["at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')"]),
    ...(asked.to === undefined ? [] : ["at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')"]),
    ...(asked.who === undefined ? [] : ["who = {who:String}"]),
    ...(asked.kind === undefined ? [] : ["kind = {kind:String}"]),
  ];
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const rows = await transport.rows<Omit<AuditRow, "offset" | "at"> & { offset: string; at_ms: string }>(
    `SELECT offset, toUnixTimestamp64Milli(at) AS at_ms, who, kind, what, scope, from_address AS from, raw, toString(hash) AS hash
FROM oee.audit_log FINAL WHERE ${conditions.join(" AND ")} ORDER BY offset LIMIT {limit:UInt32}`,
    { ...given, offset, limit },
  );
  return rows.map(({ at_ms, offset: at, ...row }) => ({ ...row, offset: Number(at), at: Number(at_ms) }));
}
