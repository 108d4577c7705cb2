import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR, MINUTE, row, segment, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("rows, stops, their ends and plant files are listed of each machine of which something is stored", async () => {
  const { store } = open;
  const [one, two] = ["inv/a/l/one", "inv/a/l/two"];
  await store.insertRows([row(one, 3), row(one, 5)], stamp(1));
  await store.insertRows([row(one, 5, { goodCount: 1 })], { version: 2n, plantVersion: "plant-2" });
  await store.insertStops([segment(one, 9, 1), segment(two, 1, 1)], stamp(1));
  expect(await store.inventory({ machines: { under: "inv" }, period: HOUR })).toEqual(
    new Map([
      [
        one,
        {
          ...{ rows: 2, stops: 1, first: START + 3 * MINUTE, last: START + 9 * MINUTE },
          plantVersions: new Set(["plant-1", "plant-2"]),
        },
      ],
      [
        two,
        {
          ...{ rows: 0, stops: 1, first: START + MINUTE, last: START + MINUTE },
          plantVersions: new Set(["plant-1"]),
        },
      ],
    ]),
  );
});
