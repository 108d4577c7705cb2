/** Plant files by version, and the audit trail: who recomputed or changed what (DI-3). Writing twice changes nothing. */
import { instants, texts } from "./native-column.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";
import { writeBatches } from "./writer.ts";

export interface PlantFile {
  readonly version: string;
  /** Epoch ms. */
  readonly loadedAt: number;
  /** The file as written. */
  readonly text: string;
}

/** The text, which may be large, goes as a column: as a parameter it would be escaped character by character on this thread. */
export async function savePlant(transport: Transport, plant: PlantFile): Promise<void> {
  await writeBatches<readonly PlantFile[]>(
    transport,
    "plants",
    [
      texts("version", ({ version }) => version),
      instants("loaded_at", ({ loadedAt }) => loadedAt),
      texts("text", ({ text }) => text),
    ],
    [plant],
  );
}

/** The plant file of that version, or the one loaded last. */
export async function plantFile(transport: Transport, version?: string): Promise<PlantFile | null> {
  const [row] = await transport.rows<{ version: string; loaded: string; text: string }>(
    `SELECT version, toUnixTimestamp64Milli(loaded_at) AS loaded, text FROM oee.plants FINAL
${version === undefined ? "" : "WHERE version = {version:String}"} ORDER BY loaded_at DESC LIMIT 1`,
    version === undefined ? {} : { version },
  );
  return row === undefined ? null : { version: row.version, loadedAt: Number(row.loaded), text: row.text };
}

export interface AuditEntry {
  /** Epoch ms. */
  readonly at: number;
  /** Identifies the entry. */
  readonly id: string;
  readonly actor: string;
  readonly action: string;
  readonly scope: string;
  /** The span that was changed, in epoch ms. */
  readonly from: number | null;
  readonly to: number | null;
  readonly plantVersion: string;
  /** More, as JSON. */
  readonly detail: string;
}

export async function recordAudit(transport: Transport, entry: AuditEntry): Promise<void> {
  const { from, to, ...rest } = entry;
  await transport.command(
    `INSERT INTO oee.audit (at, id, actor, action, scope, from_time, to_time, plant_version, detail) SETTINGS async_insert = 0
SELECT fromUnixTimestamp64Milli({at:Int64}, 'UTC'), {id:String}, {actor:String}, {action:String}, {scope:String},
  ${instant("from", from)}, ${instant("to", to)}, {plantVersion:String}, {detail:String}`,
    { ...rest, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) },
  );
}

function instant(name: string, value: number | null): string {
  return value === null ? "NULL" : `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
}

export const AUDIT_PAGE_MAX = 10_000;

/** The newest entries first. */
export async function auditTrail(transport: Transport, limit: number): Promise<AuditEntry[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > AUDIT_PAGE_MAX) {
    throw new StoreError("OEE_STORE_INVALID", `limit is ${limit}; 1 to ${AUDIT_PAGE_MAX} is expected`);
  }
  const rows = await transport.rows<{
    at_ms: string;
    id: string;
    actor: string;
    action: string;
    scope: string;
    from_ms: string | null;
    to_ms: string | null;
    plant_version: string;
    detail: string;
  }>(
    `SELECT toUnixTimestamp64Milli(at) AS at_ms, id, actor, action, scope, toUnixTimestamp64Milli(from_time) AS from_ms,
  toUnixTimestamp64Milli(to_time) AS to_ms, plant_version, detail FROM oee.audit FINAL ORDER BY at DESC, id LIMIT {limit:UInt32}`,
    { limit },
  );
  return rows.map((row) => ({
    at: Number(row.at_ms),
    id: row.id,
    actor: row.actor,
    action: row.action,
    scope: row.scope,
    from: row.from_ms === null ? null : Number(row.from_ms),
    to: row.to_ms === null ? null : Number(row.to_ms),
    plantVersion: row.plant_version,
    detail: row.detail,
  }));
}
