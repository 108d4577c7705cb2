import { describe, expect, test } from "vitest";
import { correctionsOf, type ReasonEntry, type Segment, spanNow, undoOf } from "./entry.ts";

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
    expect(spanNow(entry, segments).kind).toBe(kind);
  });

  test("of a stop that went on, the stops after it are not looked at", () => {
    const open = { ...ENTRY, to: null, parts: [{ from: 10, to: null, reason: "jam" }] };
    const next = { ...segment(60, 70, "seal", "bo"), stop: "l/m@60" };
    expect(spanNow(open, [segment(10, 50, null, null), next]).kind).toBe("unchanged");
  });
});
