/**
 * Holds what the last owner of a partition committed to what the store holds, before the partition is taken over: a store
 * that was emptied, is another one, or comes from an older back-up lacks rows that the committed offset says are stored;
 * and a log that is new beside a store that is not would write rows that lose against those stored.
 */
import type { Store } from "@oee/store";
import { epochOf, type Ownership } from "./epoch.ts";

export type StoreMatch =
  | { readonly kind: "same"; readonly epoch: number }
  /** `empty`: it has nothing at all of the partition's machines. `why` completes "the store". */
  | { readonly kind: "store-lacks"; readonly epoch: number; readonly empty: boolean; readonly why: string }
  | { readonly kind: "log-new"; readonly epoch: number };

type MatchedStore = Pick<Store, "isStoredFrom" | "newestVersion">;

/** Two processes that make the first tables at once may each note a time; a store made within so many seconds passes for the same. */
const SAME_WITHIN_S = 600;

/**
 * `epoch` of the answer is that of the last owner whose versions the next one must exceed. `madeAt`: when the store's first
 * tables were made (seconds since 1970). Throws `StoreError`.
 */
export async function matchStore(
  store: MatchedStore,
  madeAt: number,
  before: Ownership,
  offset: number,
  machines: readonly string[],
): Promise<StoreMatch> {
  if (before.epoch === 0) {
    const newest = await store.newestVersion(machines);
    return newest === 0n ? { kind: "same", epoch: 0 } : { kind: "log-new", epoch: epochOf(newest) };
  }
  const same: StoreMatch = { kind: "same", epoch: before.epoch };
  const isOther = before.storeMadeAt !== 0 && Math.abs(before.storeMadeAt - madeAt) > SAME_WITHIN_S;
  // What an earlier release committed does not say what was stored: something was.
  const stored = before.storeMadeAt === 0 ? 1n : before.stored;
  if (!isOther && (offset === 0 || stored === 0n || (await store.isStoredFrom(machines, stored)))) return same;
  const newest = await store.newestVersion(machines);
  const made = (at: number): string => new Date(at * 1000).toISOString();
  const why = isOther
    ? `was made at ${made(madeAt)}, what was read is stored in one that was made at ${made(before.storeMadeAt)}`
    : newest === 0n
      ? "has nothing of machines of which rows were stored"
      : "lacks rows that were stored, as one from an older back-up does";
  return { kind: "store-lacks", epoch: Math.max(before.epoch, epochOf(newest)), empty: newest === 0n, why };
}
