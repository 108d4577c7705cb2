import { expect, test } from "vitest";
import type { Segment } from "./entry.ts";
import { AHEAD_MS, type Hold, nextStep } from "./hold.ts";

const HOLD: Hold = { id: "e", machine: "l/m", stop: "s", from: 100, reason: "jam", by: "anna", until: AHEAD_MS };
const own = (more: Partial<Segment> = {}): Segment => ({
  stop: "s",
  from: 100,
  to: 200,
  open: true,
  state: "down",
  reason: "jam",
  correctedBy: "anna",
  ...more,
});
const spans = (segments: readonly Segment[], now: number): readonly unknown[] =>
  nextStep(HOLD, segments, now, "anna").corrections.map(({ from, to, reason, clear }) => [from, to, reason ?? clear]);

test("TL-7: the correction of a stop that goes on is made longer before it ends", () => {
  expect(nextStep(HOLD, [own()], 200, "anna")).toEqual({ corrections: [], hold: HOLD });
  const late = AHEAD_MS - 1_000;
  expect(spans([own()], late)).toEqual([[AHEAD_MS, late + AHEAD_MS, "jam"]]);
  expect(nextStep(HOLD, [own()], late, "anna").hold?.until).toBe(late + AHEAD_MS);
  // Repeated, as by two pages at once, it is the same correction (CN-4).
  expect(nextStep(HOLD, [own()], late, "anna").corrections[0]?.id).toBe(
    nextStep(HOLD, [own()], late + 5, "anna").corrections[0]?.id,
  );
});

test("TL-7: from the stop's end on it is taken back, but for what others entered since", () => {
  expect(spans([own({ open: false })], 300)).toEqual([[200, AHEAD_MS, true]]);
  const bo = own({ stop: "t", from: 400, to: 500, reason: "seal", correctedBy: "bo", open: false });
  expect(spans([own({ open: false }), bo], 600)).toEqual([
    [200, 400, true],
    [500, AHEAD_MS, true],
  ]);
  const fallen = own({ stop: "t", from: 400, to: 500 });
  expect(spans([own({ open: false }), fallen], 600)).toEqual([[200, AHEAD_MS, true]]);
  expect(nextStep(HOLD, [own({ open: false })], 300, "anna").hold).toBeNull();
});

test("R-4: who changed the stop since holds it", () => {
  expect(nextStep(HOLD, [own({ reason: "seal", correctedBy: "bo" })], AHEAD_MS, "anna")).toEqual({
    corrections: [],
    hold: null,
  });
});

test("TL-7: a reason that was extended while somebody else was signed in is still taken back from the stop's end on", () => {
  const late = AHEAD_MS - 1_000;
  const { hold } = nextStep(HOLD, [own()], late, "bo");
  if (hold === null) throw new Error("it goes on");
  const until = late + AHEAD_MS;
  expect(hold).toEqual({ ...HOLD, until, extendedBy: ["bo"] });
  const byBoth = [own({ to: AHEAD_MS }), own({ from: AHEAD_MS, to: AHEAD_MS + 500, correctedBy: "bo" })];
  expect(nextStep(hold, byBoth, AHEAD_MS + 500, "anna")).toEqual({ corrections: [], hold });
  const ended = [
    ...byBoth.map((each) => ({ ...each, open: false })),
    own({ stop: "t", from: AHEAD_MS + 900, to: AHEAD_MS + 990, correctedBy: "bo" }),
  ];
  const { corrections } = nextStep(hold, ended, AHEAD_MS + 1_000, "anna");
  expect(corrections.map(({ from, to, clear }) => [from, to, clear])).toEqual([[AHEAD_MS + 500, until, true]]);
});
