import { expect, test } from "vitest";
import type { Said, Segment } from "./entry.ts";
import { AHEAD_MS, heldAside, type Hold, nextStep } from "./hold.ts";

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
const word = (id: string, from: number, to: number, more: Partial<Said> = {}): Said => ({
  ...{ id, by: "bo", at: 300, from, to, reason: "seal", state: null, clear: false },
  ...more,
});
const spans = (segments: readonly Segment[], now: number, said: readonly Said[] = []): readonly unknown[] =>
  nextStep(HOLD, segments, said, now, "anna").corrections.map(({ from, to, reason, clear }) => [
    from,
    to,
    reason ?? clear,
  ]);

test("TL-7: the correction of a stop that goes on is made longer before it ends", () => {
  expect(nextStep(HOLD, [own()], [], 200, "anna")).toEqual({ corrections: [], hold: HOLD });
  const late = AHEAD_MS - 1_000;
  expect(spans([own()], late)).toEqual([[AHEAD_MS, late + AHEAD_MS, "jam"]]);
  expect(nextStep(HOLD, [own()], [], late, "anna").hold?.until).toBe(late + AHEAD_MS);
  // Repeated, as by two pages at once, it is the same correction (CN-4).
  expect(nextStep(HOLD, [own()], [], late, "anna").corrections[0]?.id).toBe(
    nextStep(HOLD, [own()], [], late + 5, "anna").corrections[0]?.id,
  );
});

test("TL-7: from the stop's end on it is taken back, but for what others entered since", () => {
  expect(spans([own({ open: false })], 300)).toEqual([[200, AHEAD_MS, true]]);
  const bo = own({ stop: "t", from: 400, to: 500, reason: "seal", correctedBy: "bo", open: false });
  const before = word("b/0", 0, AHEAD_MS);
  const said = [before, word("e/0", 100, AHEAD_MS, { by: "anna", reason: "jam" }), word("c/0", 400, 500)];
  expect(spans([own({ open: false }), bo], 600, said)).toEqual([
    [200, 400, true],
    [500, AHEAD_MS, true],
  ]);
  // A reason may have made the next stop something that stops do not list.
  expect(spans([own({ open: false })], 600, said)).toHaveLength(2);
  const fallen = own({ stop: "t", from: 400, to: 500 });
  expect(spans([own({ open: false }), fallen], 600)).toEqual([[200, AHEAD_MS, true]]);
  expect(nextStep(HOLD, [own({ open: false })], [], 300, "anna").hold).toBeNull();
});

test("R-4: who changed the stop since holds it", () => {
  expect(nextStep(HOLD, [own({ reason: "seal", correctedBy: "bo" })], [], AHEAD_MS, "anna")).toEqual({
    corrections: [],
    hold: null,
  });
});

test("TL-7: a reason that was extended while somebody else was signed in is still taken back from the stop's end on", () => {
  const late = AHEAD_MS - 1_000;
  const { hold } = nextStep(HOLD, [own()], [], late, "bo");
  if (hold === null) throw new Error("it goes on");
  const until = late + AHEAD_MS;
  expect(hold).toEqual({ ...HOLD, until, extendedBy: ["bo"] });
  const byBoth = [own({ to: AHEAD_MS }), own({ from: AHEAD_MS, to: AHEAD_MS + 500, correctedBy: "bo" })];
  expect(nextStep(hold, byBoth, [], AHEAD_MS + 500, "anna")).toEqual({ corrections: [], hold });
  const ended = [
    ...byBoth.map((each) => ({ ...each, open: false })),
    own({ stop: "t", from: AHEAD_MS + 900, to: AHEAD_MS + 990, correctedBy: "bo" }),
  ];
  const { corrections } = nextStep(hold, ended, [], AHEAD_MS + 1_000, "anna");
  expect(corrections.map(({ from, to, clear }) => [from, to, clear])).toEqual([[AHEAD_MS + 500, until, true]]);
});

test("TL-6: a reason that makes it no stop is held by the machine's timeline", () => {
  const part = (from: number, to: number, category: string, reason: string | null): object => ({
    ...{ from, to, state: category === "production" ? "running" : "down", category, reason },
  });
  const aside = (...parts: readonly object[]): unknown =>
    heldAside(HOLD, parts as Parameters<typeof heldAside>[1])?.map(({ from, to, open }) => [from, to, open]) ?? null;
  const running = part(0, 100, "production", null);
  expect(aside(running, part(100, 900, "setup", "jam"))).toEqual([[100, 900, true]]);
  // The next stop lies under the reason's correction too.
  const ended = [running, part(100, 300, "setup", "jam"), part(300, 400, "production", null)];
  expect(aside(...ended, part(400, 900, "setup", "jam"))).toEqual([[100, 300, false]]);
  expect(aside(running, part(100, 900, "setup", "other"))).toEqual([]);
  // What begins with the running shift does not tell of the time before.
  expect(aside(part(500, 900, "setup", "jam"))).toEqual([[100, 900, true]]);
  expect(aside(part(500, 900, "production", null))).toEqual([[100, 500, false]]);
  expect(aside()).toBeNull();
  expect(aside(part(0, 100, "setup", "jam"))).toBeNull();
  const held = heldAside(HOLD, [part(100, 900, "setup", "jam")] as Parameters<typeof heldAside>[1]) ?? [];
  expect(nextStep(HOLD, held, [], 900, "anna")).toEqual({ corrections: [], hold: HOLD });
});

test("TL-7: a stop whose beginning another reason parted from it, and that has another id now, goes on", () => {
  expect(nextStep(HOLD, [own({ stop: "s2", from: 90 })], [], 200, "anna")).toEqual({ corrections: [], hold: HOLD });
});
