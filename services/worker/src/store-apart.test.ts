/** A record that the store refuses does not keep others from being stored; an error of the whole table is thrown. */
import { StoreError, type StoreErrorCode } from "@oee/store";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { storeApart } from "./store-apart.ts";

/** A table that refuses writes with one of the numbers `bad`. `stored`: what it has taken. */
function tableRefusing(
  bad: ReadonlySet<number>,
  code: StoreErrorCode,
): {
  readonly stored: Set<number>;
  readonly write: (records: readonly number[]) => Promise<void>;
} {
  const stored = new Set<number>();
  const write = async (records: readonly number[]): Promise<void> => {
    const found = records.find((record) => bad.has(record));
    if (found !== undefined) throw new StoreError(code, `refused ${found}`);
    for (const record of records) stored.add(record);
  };
  return { stored, write };
}

test("records that the store cannot hold are found and left out, and all others are stored", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 300 }),
      fc.array(fc.nat(299), { maxLength: 20 }),
      async (length, some) => {
        const records = Array.from({ length }, (_, i) => i);
        const bad = new Set(some.filter((i) => i < length));
        const { stored, write } = tableRefusing(bad, "OEE_STORE_INVALID");
        const refused = await storeApart(records, write);
        expect(new Set(refused.flatMap(({ from, to }) => records.slice(from, to)))).toEqual(bad);
        expect(stored).toEqual(new Set(records.filter((i) => !bad.has(i))));
      },
    ),
    { numRuns: 200 },
  );
});

test("a record that ClickHouse refuses is left out; where it refuses all, the error is thrown", async () => {
  const records = Array.from({ length: 1_000 }, (_, i) => i);
  const one = tableRefusing(new Set([7]), "OEE_STORE_REFUSED");
  expect(await storeApart(records, one.write)).toMatchObject([{ from: 7, to: 8, error: { message: "refused 7" } }]);
  expect(one.stored.size).toBe(999);
  for (const some of [records, [1]]) {
    let statements = 0;
    const all = tableRefusing(new Set(records), "OEE_STORE_REFUSED");
    const write = (part: readonly number[]): Promise<void> => (statements++, all.write(part));
    await expect(storeApart(some, write)).rejects.toMatchObject({ code: "OEE_STORE_REFUSED" });
    expect(statements).toBeLessThan(64);
  }
});

test("an error that may pass, such as a store that is away, is thrown, so that the write is tried again", async () => {
  const away = tableRefusing(new Set([1]), "OEE_STORE_UNAVAILABLE");
  await expect(storeApart([1, 2], away.write)).rejects.toMatchObject({ code: "OEE_STORE_UNAVAILABLE" });
});
