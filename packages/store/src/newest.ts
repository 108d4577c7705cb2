/** Reads the greatest offset and version in the store: how far the log and its workers had come at the last write. */
import type { Transport } from "./transport.ts";

export interface Newest {
  /** The greatest offset of a stored event; −1: there is none. */
  readonly offset: number;
  /** The greatest version of a stored row or stop; 0: there is none. */
  readonly version: bigint;
}

export async function newest(transport: Transport): Promise<Newest> {
  const [row] = await transport.rows<{ offset: string; version: string; stops: string }>(
    `SELECT (SELECT if(count() = 0, -1, max(offset)) FROM oee.events) AS offset,
  (SELECT max(version) FROM oee.kpi_minutes) AS version, (SELECT max(version) FROM oee.stops) AS stops`,
  );
  const [rows, stops] = [BigInt(row?.version ?? 0), BigInt(row?.stops ?? 0)];
  return { offset: Number(row?.offset ?? -1), version: rows > stops ? rows : stops };
}
