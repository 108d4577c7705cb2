/** Tells stores apart: by when their first tables were made, which a back-up keeps and a store made anew does not. */
import type { Transport } from "./transport.ts";

/** Seconds since 1970 at which the first migration was applied; 0: none was. */
export async function madeAt(transport: Transport): Promise<number> {
  const [row] = await transport.rows<{ made: string | number }>(
    "SELECT toUnixTimestamp(min(applied_at)) AS made FROM oee.migrations WHERE number = 1",
  );
  return Number(row?.made ?? 0);
}
