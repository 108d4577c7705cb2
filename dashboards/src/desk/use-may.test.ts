import { expect, test } from "vitest";
import { mayEnter } from "./use-may.ts";

const of = (...roles: readonly (readonly [string, string])[]) => ({
  signIn: true,
  name: "anna",
  by: "anna",
  roles: roles.map(([role, scope]) => ({ role, scope })),
});

test.each([
  ["supervisor", "berlin/packing", "supervisor", "berlin/packing/l1", true],
  ["admin", "*", "supervisor", "*", true],
  ["supervisor", "berlin/pack", "supervisor", "berlin/packing", false],
  ["supervisor", "berlin/packing", "supervisor", "berlin", false],
  ["supervisor", "berlin", "supervisor", "*", false],
  ["operator", "*", "supervisor", "berlin", false],
  ["viewer", "*", "operator", "berlin", false],
  ["somebody", "*", "viewer", "berlin", false],
] as const)("%s of %s enters what needs %s of %s: %s", (role, held, needed, scope, may) => {
  expect(mayEnter(of([role, held]), needed, scope)).toBe(may);
});

test("without sign-in, and before the session is known, everything may be entered", () => {
  expect(mayEnter({ signIn: false, name: null, by: null, roles: [] }, "supervisor", "*")).toBe(true);
  expect(mayEnter(null, "supervisor", "*")).toBe(true);
  expect(mayEnter(of(), "viewer", "berlin")).toBe(false);
});
