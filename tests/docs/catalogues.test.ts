/** The pages that name KPIs and components have those of the catalogues, and no other. */
import { KPI_NAMES, KPIS, kpisInPlantFile, PUBLIC_COMPONENT_NAMES } from "@oee/model";
import { expect, test } from "vitest";
import { codesIn, tableRowsOf, textOf } from "./repository.ts";

/** What the first cells of a section's table name. */
function listedIn(section: string): readonly string[] {
  const [text = ""] =
    new RegExp(String.raw`^## \d+\. ${section}$.*?(?=^## )`, "ms").exec(textOf("packages/engine/SPEC.md")) ?? [];
  return tableRowsOf(text).flatMap(([cell = ""]) => codesIn(cell));
}

test("packages/engine/SPEC.md has a row of every component, and of every KPI, in order", () => {
  expect(listedIn("Components")).toEqual(PUBLIC_COMPONENT_NAMES);
  expect(listedIn("KPIs")).toEqual(KPI_NAMES);
});

test("ME-2 of packages/review/SPEC.md says which way each KPI is better", () => {
  const [, up = "", down = ""] =
    /\*\*ME-2\*\* Better is \*\*up\*\* for (.*?); \*\*down\*\* for (.*?)\. /s.exec(textOf("packages/review/SPEC.md")) ??
    [];
  const better = (way: number): readonly string[] => KPI_NAMES.filter((name) => KPIS[name].better === way);
  const kpisOf = (text: string): readonly string[] => codesIn(text).filter((code) => code in KPIS);
  expect([kpisOf(up), kpisOf(down)]).toEqual([better(1), better(-1)]);
});

test("docs/plant-file.md names the KPIs that may be targets", () => {
  const [, , , meaning = ""] = tableRowsOf(textOf("docs/plant-file.md")).find(([key]) => key === "`targets`") ?? [];
  expect(codesIn(meaning)).toEqual(kpisInPlantFile("target"));
});
