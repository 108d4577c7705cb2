import { expect, test } from "vitest";
import { structureChanges } from "./structure-changes.ts";

const entry = (rev: number, from: string, lines: object, more: object = {}) => ({
  ...{ type: "structure", id: "plant", rev, by: "oee", from, lines },
  ...more,
});

test("DI-3: the changes of each structure are listed line by line", () => {
  const first = { "s/a/l1": { rated: ["filler", "capper"], constraint: "filler" }, "s/a/l2": { rated: ["saw"] } };
  const second = {
    "s/a/l1": { rated: ["filler"], unrated: ["labeller"], constraint: null },
    "s/a/l2": { rated: ["saw", "press"], ids: { press: "s/a/l1/capper" } },
  };
  const third = { "s/a/l1": { rated: ["filler"], constraint: "filler" }, "s/a/l2": second["s/a/l2"] };
  const changes = structureChanges([
    entry(1, "2026-01-01T00:00:00.000Z", first),
    entry(2, "2026-05-04T08:00:00.000Z", second),
    entry(3, "2026-05-05T08:00:00.000Z", third, { to: "2026-05-06T00:00:00.000Z", scope: "s/a/l1" }),
  ]);
  expect(changes.map(({ from, line, what }) => [from.slice(5, 10), line, what])).toEqual([
    ["01-01", "s/a/l1", { kind: "first" }],
    ["01-01", "s/a/l2", { kind: "first" }],
    ["05-04", "s/a/l1", { kind: "with", machine: "labeller" }],
    ["05-04", "s/a/l1", { kind: "without", machine: "capper" }],
    ["05-04", "s/a/l1", { kind: "noConstraint" }],
    ["05-04", "s/a/l2", { kind: "with", machine: "press" }],
    ["05-04", "s/a/l2", { kind: "keptAs", machine: "press", id: "s/a/l1/capper" }],
    ["05-05", "s/a/l1", { kind: "without", machine: "labeller" }],
    ["05-05", "s/a/l1", { kind: "constraint", machine: "filler" }],
  ]);
  expect(changes.at(-1)).toMatchObject({ to: "2026-05-06T00:00:00.000Z", by: "oee" });
});
