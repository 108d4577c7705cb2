/** Large writes, by both ways to ClickHouse. */
import type { Row } from "@oee/model";
import { expect, test } from "vitest";
import { all, event, HOUR, MINUTE, row, stamp, START } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";
import { EventBatch } from "./event-batch.ts";

byBothWays((on) => {
  test("rows of many years are written at once, and summed", async () => {
    const rows = Array.from({ length: 150 }, (_, month) => row("years/a/l/m", month * 31 * 1440, { goodCount: month }));
    await on.store.insertRows(rows, stamp(1));
    const periods = [{ from: START, to: START + 150 * 31 * 1440 * MINUTE }];
    const { rows: found } = await on.store.sums({ machines: { under: "years" }, periods, by: [] });
    expect([...found]).toMatchObject([{ goodCount: (149 * 150) / 2 }]);
  });

  test("more originals than one insert takes, of any length, are stored byte for byte", async () => {
    const machine = "large/a/l/m";
    const count = 20_000;
    const batch = new EventBatch();
    const raws = new Map<number, string>();
    for (let offset = 0; offset < count; offset++) {
      const length = offset % 6_000 === 7 ? 500_000 : (offset * 7) % 2_000;
      const raw = Buffer.from(`${offset} ${"ä".repeat(length)}`);
      if (offset % 1_000 === 7 || offset === count - 1) raws.set(offset, raw.toString());
      batch.add(event(machine, 0, offset), raw, 0, raw.length);
    }
    expect(batch.rawLength).toBeGreaterThan(32 * 2 ** 20);
    await on.store.insertEvents(batch);
    const found = await all(on.store.events({ machine, from: START, to: START + MINUTE }));
    expect(found).toHaveLength(count);
    for (const [offset, raw] of raws) expect(found[offset]?.raw === raw).toBe(true);
    expect(found.every(({ offset, raw }, i) => offset === i && raw.startsWith(`${i} `))).toBe(true);
  });

  test("after a write that was refused the next one has nothing of it", async () => {
    const rows = (machine: string, from: number): Row[] =>
      Array.from({ length: 60 }, (_, minute) => row(machine, minute, { goodCount: from + minute }));
    const refused = [...rows("bad/a/l/m", 1_000), row("bad/a/l/m", 0.5)];
    await expect(on.store.insertRows(refused, stamp(1))).rejects.toMatchObject({ code: "OEE_STORE_INVALID" });
    await on.store.insertRows(rows("good/a/l/m", 0), stamp(1));
    expect(await all(on.store.rows({ machines: { under: "bad" }, period: HOUR }))).toEqual([]);
    const kept = await all(on.store.rows({ machines: { under: "good" }, period: HOUR }));
    expect(kept.map(({ goodCount }) => goodCount)).toEqual(Array.from({ length: 60 }, (_, minute) => minute));
  });
});
