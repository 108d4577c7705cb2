import type { Plant } from "@oee/model";
import { isVague } from "@oee/review";
import { expect, test } from "vitest";
import { plantFrom } from "../../../../tests/support/plant.ts";
import { ReasonCounts } from "./reason-counts.ts";

const PLANT = `
enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
reasons:
  other: { vague: true, children: { unknown: {}, told: { vague: false, children: { more: {}, less: { vague: true } } } } }
  mechanical: { children: { jam: {}, various: { vague: true, children: { sundry: {} } } } }
`;

test("RS-1: the store is asked with exactly the vague reasons of the tree", async () => {
  const plant = plantFrom(PLANT);
  let asked: readonly string[] = [];
  const store = {
    stopsThatLackReasons: ({ vague }: { readonly vague: readonly string[] }) => {
      asked = vague;
      return Promise.resolve([]);
    },
  };
  await new ReasonCounts().count(store, plant, 0);
  const paths = pathsOf(plant.reasons.children);
  expect(paths).toHaveLength(9);
  expect([...asked].sort()).toEqual(paths.filter((path) => isVague(plant.reasons, path)).sort());
});

function pathsOf(children: Plant["reasons"]["children"]): string[] {
  return [...children].flatMap(([name, node]) => [name, ...pathsOf(node.children).map((path) => `${name}/${path}`)]);
}
