import { expect, test } from "vitest";
import { parsePlant } from "./parse-plant.ts";
import type { Plant } from "../plant.ts";
import {
  joinedPolicy,
  policyDifferences,
  type ScopePolicy,
  scopePolicy,
  scopePolicyAsIn,
  scopePolicyInSteps,
} from "./scope-policy.ts";

const PLANT = `enterprise: e
sites: { s: { areas: { a: { lines:
  { l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 2, minorStopThreshold: 3m } } },
    k: { machines: { o: { idealCycleSeconds: 1 } } } } } } } }
products: { x: { idealCycleSeconds: 5 } }
reasons: { jam: { failure: true } }
`;

function plantOf(text: string): Plant {
  const parsed = parsePlant(text, "plant.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.plant;
}

function policyOf(text: string, path = "s/a/l"): ScopePolicy {
  const plant = plantOf(text);
  const scope = plant.scopes.get(path);
  if (scope === undefined) throw new Error(path);
  return scopePolicy(plant, scope);
}

/** Parts in which the line's policy by an older file differs from that of now. */
function changesSince(older: string, now: string): readonly string[] {
  const plant = plantOf(now);
  const line = plant.scopes.get("s/a/l");
  if (line === undefined) throw new Error("no line");
  return policyDifferences(scopePolicyAsIn(plantOf(older), plant, line), scopePolicy(plant, line));
}

test.each([
  ["minorStopThreshold: 3m", "minorStopThreshold: 5m", ["minorStopThreshold"]],
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: 1.1 }", ["idealCycle"]],
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: 1, costPerHour: 60 }", ["costPerHour"]],
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: 1, pulseGap: 2m }", ["pulseGap"]],
  ["machines: { m", "constraint: n, machines: { m", ["constraints"]],
  ["x: { idealCycleSeconds: 5 }", "x: { idealCycleSeconds: 6 }", ["products"]],
  ["jam: { failure: true }", "jam: { category: notPlanned }", ["reasons"]],
  ["enterprise: e", "enterprise: e\ncategories: { maintenance: notPlanned }", ["categories"]],
  // Calendar, names, and settings outside of the scope are no part of its policy.
  ["enterprise: e", "enterprise: e\nname: Other", []],
  ["o: { idealCycleSeconds: 1 }", "o: { idealCycleSeconds: 9 }", []],
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: 1, taktSeconds: 4 }", []],
])("BL-2, BL-6: %j in place of %j changes %j", (before, after, parts) => {
  expect(policyDifferences(policyOf(PLANT), policyOf(PLANT.replace(before, after)))).toEqual(parts);
});

test("BL-2: the order in which a plant file lists its machines is no part of the policy", () => {
  const [m, n] = ["m: { idealCycleSeconds: 1 }", "n: { idealCycleSeconds: 2, minorStopThreshold: 3m }"];
  expect(policyOf(PLANT.replace(`${m}, ${n}`, `${n}, ${m}`))).toEqual(policyOf(PLANT));
});

test.each([
  ["minorStopThreshold: 3m", "minorStopThreshold: 5m", ["minorStopThreshold"]],
  ["machines: { m", "constraint: n, machines: { m", ["constraints"]],
  // A machine that came, went or moved, and another name of the line.
  [" m: {", " p: { idealCycleSeconds: 7, costPerHour: 9 }, m: {", []],
  ["m: { idealCycleSeconds: 1 }, ", "", []],
  ["    k: {", "    j: {", []],
  ["{ l: {", "{ before: {", []],
])("BL-6: by an older file that had %j as %j the policy of shared machines differs in %j", (now, older, parts) => {
  expect(changesSince(PLANT.replace(now, older), PLANT)).toEqual(parts);
});

test("BL-6: a policy joined of several differs from each of them where these differ, and of one is that one", () => {
  const [now, then] = [policyOf(PLANT), policyOf(PLANT.replace("minorStopThreshold: 3m", "minorStopThreshold: 5m"))];
  expect(joinedPolicy([now])).toEqual(now);
  expect(policyDifferences(joinedPolicy([now, then]), now)).toEqual(["minorStopThreshold"]);
  expect(policyDifferences(joinedPolicy([now, then]), then)).toEqual(["minorStopThreshold"]);
  expect(joinedPolicy([now, then])).toEqual(joinedPolicy([then, now]));
});

test("a policy of many machines is made in steps of one machine, once for a scope", () => {
  const machines = Array.from({ length: 300 }, (_, i) => `m${i}: { idealCycleSeconds: ${1 + (i % 7)} }`).join(", ");
  const plant = plantOf(
    `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${machines} } } } } } } }\n`,
  );
  const root = plant.scopes.get("*");
  if (root === undefined) throw new Error("no root");
  expect([...scopePolicyInSteps(plant, root)].length).toBeGreaterThan(300 + 6 * 3);
  expect([...scopePolicyInSteps(plant, root)].length).toBe(0);
  // Its digests are those of 0.1.0, which entries hold.
  expect(scopePolicy(plant, root)).toMatchObject({ idealCycle: "32820ccf3794d1ad", constraints: "4ca2e1c38b7b765f" });
});
