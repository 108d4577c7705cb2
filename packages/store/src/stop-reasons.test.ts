import { afterAll, beforeAll, expect, test } from "vitest";
import type { StopSegment } from "@oee/model";
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

test("RS-2: the reason of a segment that a state event ended was given by then, also where the next row has the same reason", async () => {
  const { store } = open;
  const [other, silent] = ["reasons/b/l/m", "reasons/b/l/silent"];
  const jams = (machine: string, ...at: readonly number[]): StopSegment[] =>
    at.map((minute) => segment(machine, minute, 10, { reason: "jam" }));
  // 0 and 30 are ended by a change of state; 20 goes on in 30 in the next row; 50 is the last that the plant file of then made.
  await store.insertStops([...jams(other, 0, 20, 30, 50), ...jams(silent, 0, 20)], stamp(1));
  await store.insertStops(jams(other, 70), { ...stamp(1), plantVersion: "another" });
  await store.insertStops(jams(silent, 40, 60), stamp(1));
  await store.insertEvents([10, 30].map((minute) => event(silent, minute, minute, { type: "state" })));
  const answer = await store.stopReasons({
    machines: [other, silent],
    period: HOUR,
    lookTo: START + 120 * MINUTE,
    passedBefore: START + 300 * MINUTE,
    reasonAfterMs: new Map(),
    fallSilent: [silent],
    isVague: () => false,
    first: 1,
  });
  const minutes = (machine: string): readonly number[] | undefined =>
    answer.byMachine.get(machine)?.open.map((at) => (at - START) / MINUTE);
  expect(minutes(other)).toEqual([20, 50]);
  // No state event ended the one at minute 40: the machine may have been silent, and may have said why much later.
  expect(minutes(silent)).toEqual([40]);
});
