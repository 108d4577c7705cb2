/**
 * Checks whether ClickHouse could read all parts of its tables, at the start and then for as long as it could not, and says what to do.
 */
import type { ReadinessCheck } from "@oee/gateway";
import type { PartSetAside, Store } from "@oee/store";
import type { Logger } from "pino";

const NAMED_MAX = 5;

/** Parts that were set aside may be put back or removed while the process runs. */
const ASKED_EVERY_MS = 10_000;

/** Tells it in the log, and resolves with what readiness says of it, which asks the store again while some are set aside. Throws `StoreError`. */
export async function storedPartsCheck(
  store: Store,
  logger: Logger,
  now: () => number = () => performance.now(),
): Promise<() => ReadinessCheck> {
  let parts = await store.partsSetAside();
  let askedAt = now();
  if (parts.length > 0) logger.error({ code: "OEE_STORE_PARTS_SET_ASIDE", parts }, wordsOf(parts));
  const askAgain = async (): Promise<void> => {
    askedAt = now();
    // What was known counts until the store answers.
    parts = await store.partsSetAside().catch(() => parts);
  };
  return () => {
    if (parts.length > 0 && now() - askedAt >= ASKED_EVERY_MS) void askAgain();
    return {
      name: "stored parts",
      ok: parts.length === 0,
      detail: parts.length === 0 ? "all are read" : wordsOf(parts),
    };
  };
}

function wordsOf(parts: readonly PartSetAside[]): string {
  const tables = [...new Set(parts.map(({ table }) => table))];
  const of = tables.map((table) => {
    const count = parts.filter((part) => part.table === table).length;
    return `${count} ${count === 1 ? "part" : "parts"} of ${table}`;
  });
  const where = parts.slice(0, NAMED_MAX).map(({ path }) => path);
  const more = parts.length > NAMED_MAX ? ` and ${parts.length - NAMED_MAX} more` : "";
  const back = tables.includes("events")
    ? "raw events are missing: put a back-up in place"
    : "oee recompute makes these rows again from the raw events; then remove what was set aside";
  return `${of.join(", ")} could not be read and ${parts.length === 1 ? "was" : "were"} set aside in ${where.join(", ")}${more}, its rows are missing: ${back}`;
}
