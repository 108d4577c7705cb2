import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, row, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("CO-1: a gap lasts from the end of a minute's time to the next row, or to the ends of the period", async () => {
  const { store } = open;
  const machine = "gaps/a/l/m";
  // Minute 2 has 45 s of time; minutes 3 to 9 have no rows.
  await store.insertRows([row(machine, 1), row(machine, 2, { runTime: 45_000 }), row(machine, 10)], stamp(1));
  const period = { from: START, to: START + 11 * MINUTE };
  expect(await store.gaps({ machines: { under: "gaps" }, period })).toEqual([
    { machine, from: START, to: START + MINUTE },
    { machine, from: START + 2.75 * MINUTE, to: START + 10 * MINUTE },
  ]);
  expect(await store.gaps({ machines: ["gaps/a/l/never"], period: HOUR })).toEqual([]);
});
