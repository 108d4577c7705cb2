/** What a store does whatever is asked, by both ways to ClickHouse. Each test uses other machines. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { all, event, HOUR, MINUTE, row, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";
import type { Store } from "./index.ts";
import { MIGRATIONS } from "./schema.ts";

const NASTY = [
  "",
  "x'; DROP TABLE oee.stops; --",
  "tab\tline\nback\\slash",
  "Flasche 0,6 l – größer 🍾",
  "\\N",
  "{a:String}",
];

describe.each(["embedded", "server"] as const)("%s", (way) => {
  let open: OpenWay;
  let store: Store;
  beforeAll(async () => {
    open = await openWay(way);
    store = open.store;
  });
  afterAll(() => open.close());

  test("EQ-1: a scope has the machines whose paths begin with its whole segments; ten thousand machines can be named", async () => {
    await store.insertRows([row("eq/a/l/m", 0), row("eq/ab/l/m", 0), row("eq/a/l/m2", 0)], stamp(1));
    const machines = async (under: string): Promise<string[]> => [...(await store.newestMinutes({ under })).keys()];
    expect(await machines("eq/a")).toEqual(["eq/a/l/m", "eq/a/l/m2"]);
    expect(await machines("eq/a/l/m")).toEqual(["eq/a/l/m"]);
    expect(await machines("eq")).toHaveLength(3);
    expect(await machines("*")).toEqual(expect.arrayContaining(["eq/ab/l/m"]));
    const named = Array.from({ length: 10_000 }, (_, i) => `eq/a/a-line-with-a-long-name/machine-${i}`);
    expect(await store.newestMinutes([...named, "eq/a/l/m2"])).toEqual(new Map([["eq/a/l/m2", START]]));
    expect(await store.newestMinutes([])).toEqual(new Map());
  });

  test("the newest minute of a machine is found for the machines asked for, from an instant on", async () => {
    const [one, two, other] = ["ends/a/l/one", "ends/a/l/two", "ends/a/l/other"];
    await store.insertRows([row(one, 5), row(one, 7), row(two, 3), row(other, 9)], stamp(1));
    const newest = await store.newestMinutes([one, two], undefined, START + 5 * MINUTE);
    expect(newest).toEqual(new Map([[one, START + 7 * MINUTE]]));
  });

  test("contract: any text is stored, found and read unchanged", async () => {
    for (const [i, nasty] of NASTY.entries()) {
      const machine = `text/a/l/m${i}`;
      await store.insertRows([row(machine, 0, { product: nasty || null })], stamp(1));
      expect(await store.products({ machines: [machine], period: HOUR })).toEqual([nasty || null]);
      await store.insertEvents([event(nasty || machine, 0, i, { raw: nasty, id: nasty || null })]);
      expect(await all(store.events({ machine: nasty || machine }))).toMatchObject([{ raw: nasty, id: nasty || null }]);
    }
  });

  test("migrations that run again, or several times at once, change nothing", async () => {
    expect(await Promise.all([store.migrate(), store.migrate(), store.migrate()])).toEqual(
      Array.from({ length: 3 }, () => ({ applied: [], current: MIGRATIONS.length })),
    );
    await store.migrate({ retention: { events: 400, stops: null } });
    await store.migrate({ retention: { events: null } });
    await expect(store.migrate({ retention: { events: 0.5 } })).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
    await store.ping();
  });
});
