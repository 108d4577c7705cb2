import { expect, test } from "vitest";
import { scopePolicy } from "@oee/model";
import { plantFrom } from "../../../tests/support/plant.ts";
import type { Desk } from "./desk-context.ts";
import { cyclesText } from "./ideal-cycles.ts";
import { policyText } from "./policy-parts.ts";
import { en } from "./texts/en.ts";

const t = ((key: keyof typeof en) => en[key]) as unknown as Desk["t"];

/** A plant that uses every setting that is a part of the policy. */
const plant = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1, pulseGap: 2m, unit: kg, decimals: 2,
  piecesPerCount: 4, maxRatePerHour: 3600 } } } } } } } }
`);

test("BL-6: the desk has words for every part of a policy, and for a plant file that is not kept", () => {
  const line = plant.scopes.get("s/a/l");
  if (line === undefined) throw new Error("no line");
  const parts = [...Object.keys(scopePolicy(plant, line)), "plantFile"];
  expect(parts).toEqual(expect.arrayContaining(["pulseGap", "decimals", "piecesPerCount", "maxRatePerHour"]));
  for (const part of parts)
    expect([part, policyText({ t }, [part])]).toEqual([part, expect.stringMatching(/ |overtime/)]);
  expect(policyText({ t }, ["minorStopThreshold", "idealCycle"])).toBe("minor stop thresholds, ideal cycles");
  // Of a newer server.
  expect(policyText({ t }, ["shrinkage"])).toBe("shrinkage");
});

test("RV-2: an ideal cycle that changed is written to the microsecond, in the order of the plant files", () => {
  const names = new Map([["l/m", { path: "l/m", name: "Filler" }]]);
  const scope = { path: "l" };
  const index = { scope: (path: string) => names.get(path), ancestors: () => [] };
  const desk = { t, plant: index, scope } as unknown as Desk;
  expect(cyclesText({ ...desk, locale: "en" }, { machine: "l/m", seconds: [1.2, 0.333333] })).toBe(
    "Filler 1.2 sec → 0.333333 sec",
  );
  expect(cyclesText({ ...desk, locale: "de" }, { product: "cola", seconds: [null, 1.25] })).toBe(
    "cola none → 1,25 Sek.",
  );
});
