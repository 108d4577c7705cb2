/** What the committed offset says of the store, and what is made of a store that does not hold it. */
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

test("OEE_DATA_STORE_GONE: metadata of an offset is read as it was written, that of earlier releases too", () => {
  for (const clean of [true, false]) expect(ownershipOf(metadataOf({ ...OWNED, clean }))).toEqual({ ...OWNED, clean });
  const earlier = { epoch: 3, storeMadeAt: 0, stored: 0n };
  expect(ownershipOf("epoch=3;sound=3.9;lost=1.2-2.0;checkpoints=2;clean")).toEqual({ ...OWNED, ...earlier });
  expect(ownershipOf("epoch=3")).toMatchObject(earlier);
  expect(ownershipOf(undefined)).toMatchObject({ epoch: 0, storeMadeAt: 0, stored: 0n });
});

/** A store whose newest rows of the machines have this version; 0: it has none. */
function storeWith(newest: bigint): Parameters<typeof matchStore>[0] {
  return { newestVersion: async () => newest, isStoredFrom: async (_, from) => newest >= from };
}

const of = (newest: bigint, madeAt = MADE, before = OWNED, offset = 100): ReturnType<typeof matchStore> =>
  matchStore(storeWith(newest), madeAt, before, offset, ["m"]);

test("OEE_DATA_STORE_GONE: a store that holds what was stored is the same, any other one lacks it", async () => {
  expect(await of(version(3, 8))).toEqual({ kind: "same", epoch: 3 });
  // A recompute of a person wrote after the worker.
  expect(await of(version(3, 20))).toEqual({ kind: "same", epoch: 3 });
  expect(await of(0n)).toMatchObject({ kind: "store-lacks", epoch: 3, empty: true });
  expect(await of(version(3, 7))).toMatchObject({ kind: "store-lacks", epoch: 3, empty: false });
  // Another one, with the same machines and newer versions: the next owner's must win over them.
  expect(await of(version(9, 1), MADE + 86_400)).toMatchObject({
    kind: "store-lacks",
    epoch: 9,
    why: expect.stringContaining(new Date(MADE * 1000).toISOString()),
  });
  // Two processes made its tables at once.
  expect(await of(version(3, 8), MADE + 2)).toEqual({ kind: "same", epoch: 3 });
});

test("OEE_DATA_STORE_GONE: where nothing was stored, nothing can be lacking", async () => {
  expect(await of(0n, MADE, { ...OWNED, stored: 0n })).toEqual({ kind: "same", epoch: 3 });
  expect(await of(0n, MADE, OWNED, 0)).toEqual({ kind: "same", epoch: 3 });
  const earlier = { ...OWNED, storeMadeAt: 0, stored: 0n };
  expect(await of(0n, MADE, earlier)).toMatchObject({ kind: "store-lacks", empty: true });
  expect(await of(version(2, 1), MADE, earlier)).toEqual({ kind: "same", epoch: 3 });
});

test("OEE_DATA_LOG_GONE: a log without a committed offset writes versions above those stored", async () => {
  const nobody = ownershipOf(undefined);
  expect(await of(0n, MADE, nobody, 0)).toEqual({ kind: "same", epoch: 0 });
  expect(await of(version(7, 5), MADE, nobody, 0)).toEqual({ kind: "log-new", epoch: 7 });
});
