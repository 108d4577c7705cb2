import { expect, test } from "vitest";
import type { Machine, ReasonNode } from "../plant.ts";
import { machinePolicy, plantPolicy, productPolicy, sortedParts, stateMapPolicy } from "./policy.ts";

const MACHINE = {
  idealCycleUs: 1_200_000,
  costPerHour: null,
  minorStopThresholdMs: 180_000,
  staleAfterMs: 600_000,
  rolloverAt: null,
  overtime: "count",
  pulseGapMs: null,
  decimals: 0,
  piecesPerCount: 1,
  maxRateMillionths: null,
} as unknown as Machine;

test("BL-2: settings that came after 0.1.0 are part of a machine's policy only where they are used", () => {
  const before = machinePolicy(MACHINE);
  expect(Object.keys(before)).not.toContain("pulseGap");
  const used = { pulseGapMs: 120_000, decimals: 1, piecesPerCount: 4, maxRateMillionths: 90_000_000 };
  expect(machinePolicy({ ...MACHINE, ...used })).toEqual({
    ...before,
    pulseGap: 120_000,
    decimals: 1,
    piecesPerCount: 4,
    maxRatePerHour: 90_000_000,
  });
});

test("BL-2: a product's takt is a demand and no part of the policy", () => {
  const product = { idealCycleUs: 2_000_000, taktUs: 3_000_000, piecesPerCount: null };
  expect(productPolicy(product as unknown as Parameters<typeof productPolicy>[0])).toEqual({ idealCycle: 2_000_000 });
});

test("TL-6: a reason that sets nothing, nor leads to one that does, counts like one that is not there", () => {
  const node = (more: Partial<ReasonNode> = {}): ReasonNode =>
    ({ category: null, failure: null, children: new Map(), ...more }) as ReasonNode;
  const policyOf = (children: ReadonlyMap<string, ReasonNode>): unknown =>
    plantPolicy({ categories: {}, reasons: { children }, scopes: new Map() } as never)["reasons"];
  const jam = node({ failure: true });
  expect(policyOf(new Map([["other", node({ children: new Map([["cold", node()]]) })]]))).toEqual([]);
  expect(policyOf(new Map([["other", node({ children: new Map([["jam", jam]]) })]]))).toEqual([
    ["other", null, null, [["jam", null, true, []]]],
  ]);
});

test("BL-2: the order in which a file names things does not matter", () => {
  expect(
    stateMapPolicy(
      new Map([
        ["2", "down"],
        ["10", "running"],
      ]) as never,
    ),
  ).toEqual([
    ["10", "running"],
    ["2", "down"],
  ]);
  expect(sortedParts([2, 10, 1])).toEqual(sortedParts([10, 1, 2]));
});
