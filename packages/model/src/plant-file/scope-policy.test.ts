import { expect, test } from "vitest";
import { parsePlant } from "./parse-plant.ts";
import { policyDifferences, type ScopePolicy, scopePolicy } from "./scope-policy.ts";

const PLANT = `enterprise: e
sites: { s: { areas: { a: { lines:
  { l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 2, minorStopThreshold: 3m } } },
    k: { machines: { o: { idealCycleSeconds: 1 } } } } } } } }
products: { x: { idealCycleSeconds: 5 } }
reasons: { jam: { failure: true } }
`;

function policyOf(text: string, path = "s/a/l"): ScopePolicy {
  const parsed = parsePlant(text, "plant.yaml");
  const scope = parsed.ok ? parsed.plant.scopes.get(path) : undefined;
  if (!parsed.ok || scope === undefined) throw new Error(JSON.stringify(parsed));
  return scopePolicy(parsed.plant, scope);
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
