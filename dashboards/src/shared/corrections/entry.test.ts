import { describe, expect, test } from "vitest";
import {
  againOf,
  correctionsOf,
  fateOf,
  reachOf,
  type ReasonEntry,
  type Said,
  type Segment,
  spanNow,
  undoOf,
} from "./entry.ts";

const STOP = "l/m@10";
const ENTRY: ReasonEntry = {
  kind: "reason",
  id: "e",
  machine: "l/m",
  stop: STOP,
  from: 10,
  to: 50,
  seen: { state: "down", reason: null, correctedBy: null },
  at: 90,
  by: "anna",
  parts: [{ from: 10, to: 50, reason: "jam" }],
  note: null,
};
const SPLIT: ReasonEntry = {
  ...ENTRY,
  parts: [
    { from: 10, to: 30, reason: "jam" },
    { from: 30, to: 50, reason: "seal" },
  ],
};

function segment(from: number, to: number, reason: string | null, correctedBy: string | null): Segment {
  return { stop: STOP, from, to, open: false, state: "down", reason, correctedBy };
}

function word(id: string, reason: string | null, by: string, more: Partial<Said> = {}): Said {
  return { id, by, at: 91, from: 10, to: 50, reason, state: null, clear: reason === null, ...more };
}

describe("corrections of an entry (TL-7)", () => {
  test("a reason, a split with its note, an open end", () => {
    expect(correctionsOf(ENTRY, 99)).toEqual([
      { id: "e/0", machine: "l/m", from: 10, to: 50, at: 90, by: "anna", reason: "jam" },
    ]);
    expect(
      correctionsOf({ ...SPLIT, note: "n" }, 99).map(({ id, from, to, reason, note }) => [id, from, to, reason, note]),
    ).toEqual([
      ["e/0", 10, 30, "jam", "n"],
      ["e/1", 30, 50, "seal", "n"],
    ]);
    const open = { ...ENTRY, to: null, parts: [{ from: 10, to: null, reason: "jam" }] };
    expect(correctionsOf(open, 99)[0]?.to).toBe(99);
  });

  test("an undo gives back the machine's own word, an earlier person's reason, or their state without one", () => {
    const undone = (seen: ReasonEntry["seen"]): object | undefined =>
      correctionsOf(undoOf({ ...ENTRY, seen }, 95), 99)[0];
    const head = { id: "e-undo/0", machine: "l/m", from: 10, to: 50, at: 95, by: "anna" };
    expect(undone({ state: "down", reason: null, correctedBy: null })).toEqual({ ...head, clear: true });
    expect(undone({ state: "down", reason: "own", correctedBy: null })).toEqual({ ...head, clear: true });
    expect(undone({ state: "down", reason: "seal", correctedBy: "bo" })).toEqual({ ...head, reason: "seal" });
    expect(undone({ state: "idle", reason: null, correctedBy: "bo" })).toEqual({ ...head, state: "idle" });
  });
});

describe("R-4: what stands there now", () => {
  test.each([
    ["as it was seen", ENTRY, [segment(10, 50, null, null)], "unchanged"],
    ["somebody else's reason", ENTRY, [segment(10, 50, "seal", "bo")], "changed"],
    ["the same reason of somebody else", ENTRY, [segment(10, 50, "jam", "bo")], "changed"],
    ["the entry itself, whose answer was lost", ENTRY, [segment(10, 50, "jam", "anna")], "in effect"],
    ["the first part of it", SPLIT, [segment(10, 30, "jam", "anna"), segment(30, 50, null, null)], "unchanged"],
    ["both parts of it", SPLIT, [segment(10, 30, "jam", "anna"), segment(30, 50, "seal", "anna")], "in effect"],
    ["a part of another's", SPLIT, [segment(10, 20, null, null), segment(20, 50, "seal", "bo")], "changed"],
    ["no stop", ENTRY, [], "gone"],
    ["the next stop only", ENTRY, [segment(50, 60, null, null)], "gone"],
    [
      "of an undo, what was said",
      undoOf(SPLIT, 95),
      [segment(10, 30, "jam", "anna"), segment(30, 50, "seal", "anna")],
      "unchanged",
    ],
    ["of an undo, what was before", undoOf(ENTRY, 95), [segment(10, 50, null, null)], "in effect"],
    ["of an undo, what another said since", undoOf(ENTRY, 95), [segment(10, 50, "seal", "bo")], "changed"],
  ] as const)("%s", (_, entry, segments, kind) => {
    expect(spanNow(entry, segments, []).kind).toBe(kind);
  });

  test("of a stop that went on, the stops after it are not looked at", () => {
    const open = { ...ENTRY, to: null, parts: [{ from: 10, to: null, reason: "jam" }] };
    const next = { ...segment(60, 70, "seal", "bo"), stop: "l/m@60" };
    expect(spanNow(open, [segment(10, 50, null, null), next], []).kind).toBe("unchanged");
  });
});

test("R-4, TL-6: where a reason made it no stop, the log tells whose", () => {
  const setup = word("x/0", "setup", "bo");
  expect(spanNow(ENTRY, [], [word("w/0", "seal", "eve"), setup])).toEqual({
    kind: "changed",
    now: { state: "down", reason: "setup", correctedBy: "bo", by: "bo", at: 91 },
  });
  expect(spanNow(ENTRY, [], [setup, word("y/0", null, "bo")]).kind).toBe("gone");
  expect(spanNow(ENTRY, [], [word("e/0", "jam", "anna")]).kind).toBe("in effect");
  expect(spanNow(undoOf(ENTRY, 95), [], [word("e/0", "jam", "anna")]).kind).toBe("unchanged");
  expect(spanNow(undoOf(ENTRY, 95), [], [setup]).kind).toBe("changed");
});

describe("R-4: what became of an entry, by the order of the log", () => {
  const OWN = word("e/0", "jam", "anna");
  const BO = word("b/0", "seal", "bo", { at: 93 });
  const SEAL = { state: "down", reason: "seal", correctedBy: "bo", by: "bo", at: 93 };
  const stands = { kind: "stands", over: null };
  test.each([
    ["it is not there yet", [BO], [], { kind: "unknown" }],
    ["alone", [OWN], [], stands],
    ["another's came after it", [OWN, BO], [], { kind: "replaced", now: SEAL }],
    ["another's came before it", [BO, OWN], [], { kind: "stands", over: SEAL }],
    ["another's of other time", [OWN, { ...BO, from: 50, to: 60 }], [], stands],
    ["another's of a part of it", [OWN, { ...BO, from: 40 }], [], { kind: "replaced", now: SEAL }],
    ["another's that says the same", [OWN, { ...BO, reason: "jam" }], [], stands],
    ["one's own later entry", [OWN, BO], ["b"], stands],
    ["its hold", [OWN, word("e/30-0", "jam", "anna", { from: 30, to: 90 })], [], stands],
    [
      "another's before its hold was made longer",
      [OWN, BO, word("e/30-0", "jam", "anna", { from: 30 })],
      [],
      { kind: "replaced", now: SEAL },
    ],
    [
      "somebody took it back",
      [OWN, word("b/0", null, "bo", { at: 93 })],
      [],
      { kind: "replaced", now: { ...SEAL, reason: null, correctedBy: null } },
    ],
  ] as const)("%s", (_, said, own, fate) => {
    expect(fateOf(ENTRY, said, own)).toEqual(fate);
  });

  test("what was seen before, or is entered again knowingly, is no surprise", () => {
    const seen = { state: "down", reason: "seal", correctedBy: "bo" };
    expect(fateOf({ ...ENTRY, seen }, [BO, OWN], [])).toEqual(stands);
    const again = againOf(ENTRY, "f", 99, SEAL);
    expect(fateOf(again, [OWN, BO, word("f/0", "jam", "anna")], [])).toEqual(stands);
    expect([again.at, correctionsOf(undoOf(again as ReasonEntry, 100), 50)[0]?.reason]).toEqual([99, "seal"]);
  });

  test("a split is replaced by a word on any of its parts, an undo by a later reason", () => {
    const said = [word("e/0", "jam", "anna", { to: 30 }), word("e/1", "seal", "anna", { from: 30 })];
    expect(fateOf(SPLIT, said, [])).toEqual(stands);
    expect(fateOf(SPLIT, [...said, { ...BO, from: 30 }], [])).toEqual(stands);
    expect(fateOf(SPLIT, [...said, BO], [])).toEqual({ kind: "replaced", now: SEAL });
    const undone = word("e-undo/0", null, "anna");
    expect(fateOf(undoOf(ENTRY, 95), [OWN, undone], [])).toEqual(stands);
    expect(fateOf(undoOf(ENTRY, 95), [OWN, undone, BO], [])).toEqual({ kind: "replaced", now: SEAL });
  });

  test("an entry about a stop that went on reaches to where it was taken back", () => {
    const own = word("e/0", "jam", "anna", { to: 900 });
    expect(reachOf(ENTRY, [own])).toBe(900);
    const ended = [
      own,
      word("e/900-0", "jam", "anna", { from: 900, to: 1_800 }),
      word("e/70-0", null, "anna", { from: 70, to: 1_800 }),
    ];
    expect(reachOf(ENTRY, ended)).toBe(70);
    const open = { ...ENTRY, to: null, parts: [{ from: 10, to: null, reason: "jam" }] };
    expect(fateOf(open, [...ended, { ...BO, from: 80, to: 90 }], [])).toEqual(stands);
    expect(fateOf(open, [...ended, { ...BO, from: 60, to: 90 }], [])).toEqual({ kind: "replaced", now: SEAL });
  });
});
