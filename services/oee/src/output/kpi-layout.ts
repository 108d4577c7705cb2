/** How KPIs are laid out: a record per scope, period, shift and product. */
import { ELEMENTS } from "@oee/gateway/tabular/columns";
import type { Element, Plant } from "@oee/model";
import { amount, duration, localTimes, percent } from "./for-people.ts";
import type { Layout } from "./rendered.ts";
import type { TableColumn } from "./table.ts";

export function kpiLayout(plant: Plant): Layout<Element> {
  return { ...ELEMENTS, table: { columns: tableColumns(plant), empty: "no shift in this period", note } };
}

function tableColumns(plant: Plant): readonly TableColumn<Element>[] {
  const { title, timeOf, zoneOf } = localTimes(plant);
  const decimalsOf = (scope: string): number => plant.scopes.get(scope)?.decimals ?? 0;
  const cost = plant.currency === null ? "cost of stops" : `cost of stops, ${plant.currency}`;
  return [
    text("scope", ({ scope }) => scope),
    { ...text(title("from"), ({ scope, from }) => timeOf(scope, from)), spare: 1 },
    { ...text(title("to"), ({ scope, to }) => timeOf(scope, to)), spare: 7 },
    { ...text("time zone", ({ scope }) => zoneOf(scope)), spare: 14 },
    text("shift", ({ shift, shiftDate }) => (shift === null ? null : `${shiftDate} ${shift}`)),
    text("product", ({ product }) => product),
    { title: "OEE", align: "right", cell: ({ kpis }) => percent(kpis.oee) },
    { title: "availability", align: "right", cell: ({ kpis }) => percent(kpis.availability) },
    { title: "performance", align: "right", cell: ({ kpis }) => percent(kpis.performance) + markOf(kpis.performance) },
    { title: "quality", align: "right", cell: ({ kpis }) => percent(kpis.quality) },
    { title: "running", align: "right", cell: ({ components }) => duration(components.runTime), spare: 4 },
    { ...unlessZero("minor stops", duration, ({ components }) => components.minorStopTime), spare: 6 },
    { title: "stops", align: "right", cell: ({ components }) => duration(components.unplannedStopTime), spare: 3 },
    { ...unlessZero("setup", duration, ({ components }) => components.setupTime), spare: 8 },
    { ...unlessZero("planned stops", duration, ({ components }) => components.plannedStopTime), spare: 9 },
    { ...unlessZero("not planned", duration, ({ components }) => components.notPlannedTime), spare: 10 },
    { ...unlessZero("no data", duration, ({ components }) => components.unknownTime), spare: 11 },
    {
      title: "good",
      align: "right",
      cell: ({ scope, components }) => amount(components.goodCount, decimalsOf(scope)),
      spare: 2,
    },
    {
      title: "scrap",
      align: "right",
      cell: ({ scope, components }) => amount(components.scrapCount, decimalsOf(scope)),
      spare: 5,
    },
    {
      title: "rework",
      align: "right",
      cell: ({ scope, components }) => amount(components.reworkCount, decimalsOf(scope)),
      silent: ({ components }) => components.reworkCount === 0,
      spare: 13,
    },
    {
      title: "unit",
      align: "left",
      cell: ({ scope }) => unitIn(plant, scope),
      silent: ({ scope }) => unitIn(plant, scope) === PIECES,
      spare: 17,
    },
    { ...unlessNull("MTTR", duration, ({ kpis }) => kpis.mttr), spare: 15 },
    { ...unlessNull("MTBF", duration, ({ kpis }) => kpis.mtbf), spare: 16 },
    {
      ...unlessNull(
        cost,
        (value) => amount(value, 2),
        ({ kpis }) => kpis.downtimeCost,
      ),
      spare: 12,
    },
  ];
}

function text(title: string, of: (element: Element) => string | null): TableColumn<Element> {
  return { title, align: "left", cell: (element) => of(element) ?? "", silent: (element) => of(element) === null };
}

type Written<V> = (value: V) => string;

function unlessZero(title: string, written: Written<number>, of: (element: Element) => number): TableColumn<Element> {
  return { title, align: "right", cell: (element) => written(of(element)), silent: (element) => of(element) === 0 };
}

function unlessNull(
  title: string,
  written: Written<number | null>,
  of: (element: Element) => number | null,
): TableColumn<Element> {
  return { title, align: "right", cell: (element) => written(of(element)), silent: (element) => of(element) === null };
}

/** The unit that goes without saying (CN-5). */
const PIECES = "pcs";

/** What a scope's quantities are in. */
function unitIn(plant: Plant, path: string): string {
  const scope = plant.scopes.get(path);
  return scope === undefined ? PIECES : (scope.unit ?? "several");
}

/** P-4: nothing is clipped, and what cannot be is marked where people look. */
function markOf(performance: number | null): string {
  return performance !== null && performance > 1 ? " !" : "";
}

function note(records: readonly Element[]): string | null {
  if (!records.some(({ kpis }) => markOf(kpis.performance) !== "")) return null;
  return "! performance above 100 %: the ideal cycle is longer than what the machine needs";
}
