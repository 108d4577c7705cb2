/** What a store does whatever is asked, by both ways to ClickHouse. Each test uses other machines. */
import { expect, test } from "vitest";
import { all, event, HOUR, MINUTE, row, stamp, START, NASTY } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";
import { MIGRATIONS } from "./schema.ts";

byBothWays((on) => {
  test("EQ-1: a scope has the machines whose paths begin with its whole segments; ten thousand machines can be named", async () => {
    await on.store.insertRows([row("eq/a/l/m", 0), row("eq/ab/l/m", 0), row("eq/a/l/m2", 0)], stamp(1));
    const machines = async (under: string): Promise<string[]> => [...(await on.store.newestMinutes({ under })).keys()];
    expect(await machines("eq/a")).toEqual(["eq/a/l/m", "eq/a/l/m2"]);
    expect(await machines("eq/a/l/m")).toEqual(["eq/a/l/m"]);
    expect(await machines("eq")).toHaveLength(3);
    expect(await machines("*")).toEqual(expect.arrayContaining(["eq/ab/l/m"]));
    const named = Array.from({ length: 10_000 }, (_, i) => `eq/a/a-line-with-a-long-name/machine-${i}`);
    expect(await on.store.newestMinutes([...named, "eq/a/l/m2"])).toEqual(new Map([["eq/a/l/m2", START]]));
    expect(await on.store.newestMinutes([])).toEqual(new Map());
  });

  test("the newest minute of a machine is found for the machines asked for, from an instant on", async () => {
    const [one, two, other] = ["ends/a/l/one", "ends/a/l/two", "ends/a/l/other"];
    await on.store.insertRows([row(one, 5), row(one, 7), row(two, 3), row(other, 9)], stamp(1));
    const newest = await on.store.newestMinutes([one, two], undefined, START + 5 * MINUTE);
    expect(newest).toEqual(new Map([[one, START + 7 * MINUTE]]));
  });

  test("contract: any text is stored, found and read unchanged", async () => {
    for (const [i, nasty] of NASTY.entries()) {
      const machine = `text/a/l/m${i}`;
      await on.store.insertRows([row(machine, 0, { product: nasty || null })], stamp(1));
      expect(await on.store.products({ machines: [machine], period: HOUR })).toEqual([nasty || null]);
      await on.store.insertEvents([event(nasty || machine, 0, i, { raw: nasty, id: nasty || null })]);
      expect(await all(on.store.events({ machine: nasty || machine }))).toMatchObject([
        { raw: nasty, id: nasty || null },
      ]);
    }
  });

  test("migrations that run again, or several times at once, change nothing", async () => {
    expect(await Promise.all([on.store.migrate(), on.store.migrate(), on.store.migrate()])).toEqual(
      Array.from({ length: 3 }, () => ({ applied: [], current: MIGRATIONS.length })),
    );
    await on.store.migrate({ retention: { events: 400, stops: null } });
    await on.store.migrate({ retention: { events: null } });
    await expect(on.store.migrate({ retention: { events: 0.5 } })).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
    await on.store.ping();
  });
});
