import type { OwnerRule } from "@oee/model";
import { expect, test } from "vitest";
import { ownersOf } from "./owners.ts";

const rule = (some: Partial<OwnerRule>): OwnerRule => ({
  scope: "*",
  reason: null,
  accountable: null,
  responsible: null,
  consulted: null,
  informed: null,
  ...some,
});

const RULES = [
  rule({ accountable: "plant-manager", responsible: ["shift-lead"], informed: ["area-lead"] }),
  rule({ scope: "berlin/packing", accountable: "area-lead" }),
  rule({ reason: "mechanical", accountable: "maintenance", responsible: ["mechanic"] }),
  rule({ reason: "mechanical/conveyor", responsible: ["conveyors"] }),
];

test("OW-1: the deepest reason counts before the deepest scope, for each letter on its own", () => {
  expect(ownersOf(RULES, "berlin/packing/l1/filler", "mechanical/conveyor/jam")).toEqual({
    responsible: ["conveyors"],
    accountable: "maintenance",
    consulted: [],
    informed: ["area-lead"],
  });
});

test("OW-1: without a reason only the rules for all reasons bear, the deepest scope first", () => {
  expect(ownersOf(RULES, "berlin/packing/l1", null)).toMatchObject({
    accountable: "area-lead",
    responsible: ["shift-lead"],
  });
  expect(ownersOf(RULES, "austin/packing/l1", null).accountable).toBe("plant-manager");
});

test("OW-1: a path that only begins with the same letters is not below", () => {
  expect(
    ownersOf([rule({ scope: "berlin/pack", accountable: "x" })], "berlin/packing/l1", null).accountable,
  ).toBeNull();
});
