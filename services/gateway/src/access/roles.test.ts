import { expect, test } from "vitest";
import { grantOf, includes, isScopePath, textOfGrant } from "./roles.ts";

test("a role includes those before it", () => {
  expect([includes("engineer", "operator"), includes("operator", "engineer"), includes("viewer", "viewer")]).toEqual([
    true,
    false,
    true,
  ]);
});

test("a grant is read as it is written; a role alone is held for the whole plant", () => {
  const grant = { role: "supervisor", scope: "berlin/packing" } as const;
  expect(grantOf(textOfGrant(grant))).toEqual(grant);
  expect(grantOf("admin")).toEqual({ role: "admin", scope: "*" });
  for (const text of ["boss@berlin", "viewer@", "viewer@/berlin", "viewer@berlin//l1", ""])
    expect(grantOf(text)).toBeNull();
});

test("a path has parts without a star, and at most 1,024 characters", () => {
  expect(isScopePath("s".repeat(1_024))).toBe(true);
  for (const path of ["s".repeat(1_025), "a/*", "a/", 5, null]) expect(isScopePath(path)).toBe(false);
});
