import { expect, test } from "vitest";
import { plantFrom } from "../../../../tests/support/plant.ts";
import { readEvent } from "./read-event.ts";
import { Vocabulary } from "./vocabulary.ts";

const vocabulary = new Vocabulary(
  plantFrom(
    "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }\n",
  ),
);
const AT = Date.UTC(2026, 2, 2, 6);

const read = (more: object) =>
  readEvent({ machine: "s/a/l/m", at: AT, ...more }, null, vocabulary, AT - 1_000, AT + 1_000);

test("CN-7: scrap is what was produced less good and rework; a total leaves that to the differences", () => {
  expect(read({ type: "count", good: 7, produced: 10, rework: 1 })).toMatchObject({ type: "count", scrap: 2 });
  expect(read({ type: "count", total: { good: 7, produced: 10 } })).toMatchObject({
    type: "total",
    produced: 10,
    scrap: null,
  });
});

test.each([
  [{ type: "count" }, "invalid", "a count needs one of good, scrap, rework, or total"],
  [{ type: "count", good: 1, total: { good: 1 } }, "invalid", "a count has good, scrap, rework, or total, not both"],
  [{ type: "stop" }, "invalid", 'type: expected state, count, job or correction, found "stop"'],
  [
    { type: "state", state: "asleep" },
    "unknown-state",
    'state: neither the state map of s/a/l/m nor ours has "asleep"',
  ],
  [{ type: "state", state: "down", machine: "m" }, "unknown-machine", 'machine: the plant has no "m"'],
  [
    { type: "state", state: "down", at: AT + 1_001 },
    "future",
    "at: 2026-03-02T06:00:01.001Z is after 2026-03-02T06:00:01.000Z, the latest allowed",
  ],
  [
    { type: "correction", from: AT, to: AT, reason: "x" },
    "invalid",
    "from: expected an instant before to, 2026-03-02T06:00:00.000Z, found 2026-03-02T06:00:00.000Z",
  ],
])("DI-2: %j is refused as %s: %s", (more, code, detail) => {
  expect(read(more)).toEqual({ code, detail });
});

test("DI-2: what is no object is malformed, and an event before the earliest instant is past", () => {
  expect(readEvent([], null, vocabulary, 0, AT)).toMatchObject({ code: "malformed" });
  expect(read({ type: "state", state: "down", at: AT - 1_001 })).toMatchObject({ code: "past" });
  expect(read({ type: "state", state: "down", at: AT - 1_000 })).toMatchObject({ type: "state", state: "down" });
});
