/** Reads the greatest offset and version in the store: how far the log and its workers had come at the last write. */
import type { Transport } from "./transport.ts";

export interface Newest {
  /** The greatest offset of a stored event; −1: there is none. */
  readonly offset: number;
  /** The greatest version of a stored row, stop or doubted total; 0: there is none. */
  readonly version: bigint;
}

export async function newest(transport: Transport): Promise<Newest> {
  const [row] = await transport.rows<{ offset: string; version: string }>(
    `SELECT (SELECT if(count() = 0, -1, max(offset)) FROM oee.events) AS offset,
  greatest((SELECT max(version) FROM oee.kpi_minutes), (SELECT max(version) FROM oee.stops),
    (SELECT max(version) FROM oee.doubted_totals)) AS version`,
  );
  return { offset: Number(row?.offset ?? -1), version: BigInt(row?.version ?? 0) };
}
