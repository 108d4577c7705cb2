/** Stops and their Pareto, by both ways to ClickHouse. Each test uses other machines. */
import { expect, test } from "vitest";
import { HOUR, MINUTE, segment, stamp, START } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("ST-5: stops that overlap a period are answered uncut, by machine and time, in pages", async () => {
    const segments = [
      segment("st5/a/l/b", 0, 5, {
        reason: "mechanical/jam",
        correctedBy: "anna",
        shift: "early",
        shiftDate: "2026-03-02",
        product: "cola",
        minor: true,
      }),
      segment("st5/a/l/b", 5, 60, { state: "idle", failure: false, open: true, scheduledDuration: 7 }),
      segment("st5/a/l/a", 59, 1),
      segment("st5/a/l/a", 60, 1),
      segment("st5/a/l/a", -9, 9),
    ];
    await on.store.insertStops(segments, stamp(1));
    const expected = [segments[2], segments[0], segments[1]];
    expect(await on.store.stops({ machines: { under: "st5" }, period: HOUR, limit: 3 })).toEqual({
      stops: expected,
      next: null,
    });
    const first = await on.store.stops({ machines: { under: "st5" }, period: HOUR, limit: 2 });
    expect(first.stops).toEqual(expected.slice(0, 2));
    if (first.next === null) throw new Error("a second page was expected");
    const second = await on.store.stops({ machines: { under: "st5" }, period: HOUR, limit: 2, after: first.next });
    expect(second).toEqual({ stops: expected.slice(2), next: null });
    await expect(on.store.stops({ machines: [], period: HOUR, limit: 0 })).rejects.toMatchObject({
      code: "OEE_STORE_INVALID",
    });
  });

  test("ST-5: a segment is replaced by its newest version, and retracted by its key", async () => {
    const machine = "st5v/a/l/m";
    await on.store.insertStops([segment(machine, 0, 9, { open: true })], stamp(1));
    await on.store.insertStops([segment(machine, 0, 5), segment(machine, 5, 9)], stamp(3));
    await on.store.insertStops([segment(machine, 0, 7, { open: true })], stamp(2));
    await on.store.insertStops([], stamp(4), [{ machine, from: START + 5 * MINUTE }]);
    const { stops } = await on.store.stops({ machines: [machine], period: HOUR, limit: 9 });
    expect(stops).toEqual([segment(machine, 0, 5)]);
  });

  test("ST-6, PA-1: a Pareto sums segments that lie in the period as a whole, and lists those that cross its ends", async () => {
    const machine = "pareto/a/l/m";
    const crossing = [segment(machine, -1, 2), segment(machine, 59, 2)];
    await on.store.insertStops(
      [
        ...crossing,
        segment(machine, 2, 3, { reason: "jam", stop: "s1" }),
        segment(machine, 5, 4, { reason: "jam", stop: "s1", state: "idle" }),
        segment(machine, 20, 1, { minor: true }),
        segment(machine, 30, 0, { reason: "jam", to: START + 31 * MINUTE, scheduledDuration: 0 }),
      ],
      stamp(1),
    );
    const bar = { machine: null, state: null, reason: null, minor: false };
    expect(await on.store.pareto({ machines: { under: "pareto" }, period: HOUR, by: ["reason"] })).toEqual({
      bars: [
        { ...bar, reason: "jam", segments: 2, scheduledDurationMs: BigInt(7 * MINUTE) },
        { ...bar, minor: true, segments: 1, scheduledDurationMs: BigInt(MINUTE) },
      ],
      crossing,
    });
    const byBoth = await on.store.pareto({ machines: [machine], period: HOUR, by: ["state", "machine"] });
    expect(byBoth.bars.map((one) => [one.state, one.machine, one.minor, one.segments])).toEqual([
      ["idle", machine, false, 1],
      // Segments without scheduled time are left out (PA-1).
      ["down", machine, false, 1],
      ["down", machine, true, 1],
    ]);
  });
});
