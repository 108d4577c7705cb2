import { expect, test } from "vitest";
import { KPI_NAMES, KPIS, kpisInPlantFile, OEE_RATIOS } from "./kpis.ts";

test("TG-1: what a plant file may set a target for are ratios, as parts of 1", () => {
  expect(kpisInPlantFile("target")).toContain("oee");
  expect(kpisInPlantFile("target").filter((name) => !KPIS[name].isRatio)).toEqual([]);
  expect(kpisInPlantFile("target")).not.toContain("mttr");
});

test("an alert watches what has a better and a worse", () => {
  expect(kpisInPlantFile("alert")).toContain("mttr");
  expect(kpisInPlantFile("alert").filter((name) => KPIS[name].better === 0)).toEqual([]);
});

test("OEE and its factors are KPIs", () => {
  expect(OEE_RATIOS.filter((name) => !KPI_NAMES.includes(name))).toEqual([]);
});
