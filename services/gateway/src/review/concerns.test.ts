import type { Entry } from "@oee/review";
import { expect, test } from "vitest";
import { concerns } from "./concerns.ts";

const of = (entry: object, path: string): boolean => concerns(entry as Entry, path);

test("an entry is of its scope and of those above it, and not of scopes named alike", () => {
  const target = { type: "target", scope: { path: "berlin/packing/l1" } };
  expect(
    ["*", "berlin", "berlin/packing/l1", "berlin/pack", "berlin/packing/l1/filler"].map((path) => of(target, path)),
  ).toEqual([true, true, true, false, false]);
});

test("a pilot is also of the scopes of its controls, and an acknowledgement of the machine in its ticket", () => {
  const pilot = { type: "pilot", scopes: [{ path: "berlin/a" }], controls: [{ path: "paris/b" }] };
  expect(["berlin", "paris", "rome"].map((path) => of(pilot, path))).toEqual([true, true, false]);
  const acknowledgement = { type: "acknowledgement", alert: "long/berlin/packing/l1/filler@2026-03-02T06:00:00.000Z" };
  expect(["berlin/packing", "berlin/bottling"].map((path) => of(acknowledgement, path))).toEqual([true, false]);
});
