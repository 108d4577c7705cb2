import { expect, test } from "vitest";
import type { PlantReason } from "@oee/protocol";
import { ReasonIndex } from "../shared/reason-tree.ts";
import { BUTTONS_MAX, treeChoices, usedChoices } from "./reason-choices.ts";

function reason(path: string, vague = false): PlantReason {
  return { path, name: path, category: null, failure: null, vague };
}

const MANY = new ReasonIndex([
  reason("other", true),
  ...Array.from({ length: 20 }, (_, i) => reason(`r${i}`)),
  reason("r0/a"),
  reason("r0/b"),
]);

const paths = (choices: readonly object[]): readonly unknown[] =>
  choices.map((choice) => ("path" in choice ? choice.path : "kind" in choice ? choice.kind : null));

test("never more than eight buttons; the most used first, the tree's top after them, vague ones last", () => {
  expect(paths(usedChoices(MANY, ["r0/a", "r3"]))).toEqual(["r0/a", "r3", "r0", "r1", "r2", "r4", "r5", "all"]);
  const used = Array.from({ length: 12 }, (_, i) => `r${i}`);
  expect(paths(usedChoices(MANY, used))).toEqual([...used.slice(0, 7), "all"]);
  const pages = [0, 1, 2].map((page) => paths(treeChoices(MANY, "", page)));
  expect(pages.every((page) => page.length <= BUTTONS_MAX)).toBe(true);
  expect(pages.flat().filter((path) => path !== "more")).toEqual([
    ...Array.from({ length: 20 }, (_, i) => `r${i}`),
    "other",
  ]);
  // After the last page comes the first again.
  expect(treeChoices(MANY, "", 3)).toEqual(treeChoices(MANY, "", 0));
});

test("who does not know it more exactly may say the group itself", () => {
  expect(treeChoices(MANY, "r0", 0)).toEqual([
    { kind: "reason", path: "r0/a", itself: false },
    { kind: "reason", path: "r0/b", itself: false },
    { kind: "reason", path: "r0", itself: true },
  ]);
});
