/** The metadata of a committed offset says which store was written to; a store that lacks what was written is found by it. */
import { expect, test } from "vitest";
import { metadataOf, type Ownership, ownershipOf } from "./epoch.ts";
import { matchStore } from "./store-match.ts";

const MADE = 1_790_000_000;
const version = (epoch: number, counter: number): bigint => (BigInt(epoch) << 40n) + BigInt(counter);

const OWNED: Ownership = {
  epoch: 3,
  clean: true,
  soundTo: version(3, 9),
  lost: [{ after: version(1, 2), before: version(2, 0) }],
  checkpoints: 2,
  storeMadeAt: MADE,
  stored: version(3, 8),
};

test("OEE_DATA_STORE_GONE: metadata of an offset is read as it was written, also that of earlier releases", () => {
  for (const clean of [true, false]) expect(ownershipOf(metadataOf({ ...OWNED, clean }))).toEqual({ ...OWNED, clean });
  const earlier = { epoch: 3, storeMadeAt: 0, stored: 0n };
  expect(ownershipOf("epoch=3;sound=3.9;lost=1.2-2.0;checkpoints=2;clean")).toEqual({ ...OWNED, ...earlier });
  expect(ownershipOf("epoch=3")).toMatchObject(earlier);
  expect(ownershipOf(undefined)).toMatchObject({ epoch: 0, storeMadeAt: 0, stored: 0n });
});

/** A store in which this is the newest version of the machines' rows; 0: it has none. */
function storeWith(newest: bigint): Parameters<typeof matchStore>[0] {
  return { newestVersion: async () => newest, isStoredFrom: async (_, from) => newest >= from };
}

const of = (newest: bigint, madeAt = MADE, before = OWNED, offset = 100): ReturnType<typeof matchStore> =>
  matchStore(storeWith(newest), madeAt, before, offset, ["m"]);

test("OEE_DATA_STORE_GONE: a store that was made when the offset says, and has the version that it names, is the same; others lack rows", async () => {
  expect(await of(version(3, 8))).toEqual({ kind: "same", epoch: 3 });
  // After the worker `oee recompute` wrote newer versions.
  expect(await of(version(3, 20))).toEqual({ kind: "same", epoch: 3 });
  expect(await of(0n)).toMatchObject({ kind: "store-lacks", epoch: 3, empty: true });
  expect(await of(version(3, 7))).toMatchObject({ kind: "store-lacks", epoch: 3, empty: false });
  // Another store, with newer versions of the same machines: the next owner must write above them.
  expect(await of(version(9, 1), MADE + 86_400)).toMatchObject({
    kind: "store-lacks",
    epoch: 9,
    why: expect.stringContaining(new Date(MADE * 1000).toISOString()),
  });
  // Two processes made the store's tables at the same time, so that its instant differs by seconds.
  expect(await of(version(3, 8), MADE + 2)).toEqual({ kind: "same", epoch: 3 });
});

test("OEE_DATA_STORE_GONE: where nothing was stored before, the store lacks nothing", async () => {
  expect(await of(0n, MADE, { ...OWNED, stored: 0n })).toEqual({ kind: "same", epoch: 3 });
  expect(await of(0n, MADE, OWNED, 0)).toEqual({ kind: "same", epoch: 3 });
  const earlier = { ...OWNED, storeMadeAt: 0, stored: 0n };
  expect(await of(0n, MADE, earlier)).toMatchObject({ kind: "store-lacks", empty: true });
  expect(await of(version(2, 1), MADE, earlier)).toEqual({ kind: "same", epoch: 3 });
});

test("OEE_DATA_LOG_GONE: with a log that has no committed offset, versions above those in the store are written", async () => {
  const nobody = ownershipOf(undefined);
  expect(await of(0n, MADE, nobody, 0)).toEqual({ kind: "same", epoch: 0 });
  expect(await of(version(7, 5), MADE, nobody, 0)).toEqual({ kind: "log-new", epoch: 7 });
});
