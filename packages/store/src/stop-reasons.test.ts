import { afterAll, beforeAll, expect, test } from "vitest";
import { event, HOUR, MINUTE, segment, stamp, START } from "../test/rows.ts";
import { type OpenWay, openWay } from "../test/ways.ts";

let open: OpenWay;
beforeAll(async () => {
  open = await openWay("embedded");
});
afterAll(() => open.close());

test("RS-1, RS-2: segments that need a reason are counted, those without one too, and those of which rows alone do not tell it are named", async () => {
  const { store } = open;
  const machine = "reasons/a/l/m";
  await store.insertStops(
    [
      segment(machine, 0, 10, { reason: "jam" }),
      segment(machine, 20, 3),
      segment(machine, 30, 10),
      segment(machine, 45, 10, { reason: "other" }),
      segment(machine, 56, 1, { minor: true }),
      segment(machine, 70, 5, { reason: "jam" }),
    ],
    stamp(1),
  );
  // The correction may have named the reason of the first segment long after it ended.
  const raw = JSON.stringify({ from: START, to: START + MINUTE, reason: "jam" });
  await store.insertEvents([event(machine, 300, 1, { type: "correction", raw })]);
  const answer = await store.stopReasons({
    machines: [machine],
    period: HOUR,
    lookTo: START + 120 * MINUTE,
    passedBefore: START + 300 * MINUTE,
    reasonAfterMs: new Map([[machine, 5 * MINUTE]]),
    fallSilent: [],
    isVague: (reason) => reason === "other",
    first: 1,
  });
  // Due: minutes 30 and 45, which lack one, as the vague word is none; 20 is too short, 56 minor, 70 after the period.
  expect(answer.byMachine.get(machine)).toEqual({ due: 2, lacking: 2, open: [START] });
  expect(answer.longest).toEqual([{ machine, from: START + 30 * MINUTE, scheduledMs: 10 * MINUTE }]);
  expect(answer.open.map(({ from }) => (from - START) / MINUTE)).toContain(0);
  expect(answer.isLate({ from: START, to: START + 61 * MINUTE, open: false })).toBe(true);
});
