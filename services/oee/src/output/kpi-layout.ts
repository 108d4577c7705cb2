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
  const cost = plant.currency === null ? "cost of stops" : `cost of stops, ${plant.currency}`;
  return [
    text("scope", ({ scope }) => scope),
    text(title("from"), ({ scope, from }) => timeOf(scope, from)),
    text(title("to"), ({ scope, to }) => timeOf(scope, to)),
    text("time zone", ({ scope }) => zoneOf(scope)),
    text("shift", ({ shift, shiftDate }) => (shift === null ? null : `${shiftDate} ${shift}`)),
    text("product", ({ product }) => product),
    { title: "OEE", align: "right", cell: ({ kpis }) => percent(kpis.oee) },
    { title: "availability", align: "right", cell: ({ kpis }) => percent(kpis.availability) },
    { title: "performance", align: "right", cell: ({ kpis }) => percent(kpis.performance) + markOf(kpis.performance) },
    { title: "quality", align: "right", cell: ({ kpis }) => percent(kpis.quality) },
    { title: "running", align: "right", cell: ({ components }) => duration(components.runTime) },
    unlessZero("minor stops", duration, ({ components }) => components.minorStopTime),
    { title: "stops", align: "right", cell: ({ components }) => duration(components.unplannedStopTime) },
    unlessZero("setup", duration, ({ components }) => components.setupTime),
    unlessZero("planned stops", duration, ({ components }) => components.plannedStopTime),
    unlessZero("not planned", duration, ({ components }) => components.notPlannedTime),
    unlessZero("no data", duration, ({ components }) => components.unknownTime),
    { title: "good", align: "right", cell: ({ components }) => amount(components.goodCount, 0) },
    { title: "scrap", align: "right", cell: ({ components }) => amount(components.scrapCount, 0) },
    unlessZero("rework", wholeAmount, ({ components }) => components.reworkCount),
    unlessNull("MTTR", duration, ({ kpis }) => kpis.mttr),
    unlessNull("MTBF", duration, ({ kpis }) => kpis.mtbf),
    unlessNull(
      cost,
      (value) => amount(value, 2),
      ({ kpis }) => kpis.downtimeCost,
    ),
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

function wholeAmount(value: number): string {
  return amount(value, 0);
}

/** P-4: nothing is clipped, and what cannot be is marked where people look. */
function markOf(performance: number | null): string {
  return performance !== null && performance > 1 ? " !" : "";
}

function note(records: readonly Element[]): string | null {
  if (!records.some(({ kpis }) => markOf(kpis.performance) !== "")) return null;
  return "! performance above 100 %: the ideal cycle is longer than what the machine needs";
}
