/** The figures that the desk shows of an element: the KPI or component of each, how it is written, and the rule that defines it. */
import type { Axis } from "./chart/spec.ts";
import type { Element, Kpi } from "./data/rows.ts";
import type { Desk } from "./desk-context.ts";
import type { DeskKey } from "./texts/texts.ts";
import { durationStep, hoursStep } from "./time-step.ts";
import { HOUR_MS } from "./values.ts";

export interface Measure {
  readonly name: MeasureName;
  readonly of: (element: Element) => number | null;
  readonly kind: "ratio" | "duration" | "hours" | "count" | "quantity" | "money";
  /** The rule of the specification that defines it. */
  readonly rule: string;
  /** Better when it grows (+1) or falls (−1) (ME-2); 0: neither. */
  readonly better: 1 | -1 | 0;
}

const kpi = (name: Kpi & MeasureName, kind: Measure["kind"], better: Measure["better"], rule = "§ 7"): Measure => ({
  name,
  of: ({ kpis }) => kpis[name],
  kind,
  rule,
  better,
});
const component = (
  name: keyof Element["components"] & MeasureName,
  kind: Measure["kind"],
  rule: string,
  better: Measure["better"] = -1,
): Measure => ({ name, of: ({ components }) => components[name], kind, rule, better });

export const MEASURE_NAMES = [
  "oee",
  "availability",
  "performance",
  "quality",
  "unplannedStopTime",
  "unplannedDowntimeShare",
  "stopCount",
  "minorStopCount",
  "mttr",
  "mtbf",
  "meanStopDuration",
  "downtimeFrequency",
  "downtimeCost",
  "goodCount",
  "targetCount",
  "scrapCount",
  "reworkCount",
  "scrapRatio",
  "throughput",
  "coverage",
  "loading",
  "teep",
] as const;
export type MeasureName = (typeof MEASURE_NAMES)[number];

export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  oee: kpi("oee", "ratio", 1),
  availability: kpi("availability", "ratio", 1),
  performance: kpi("performance", "ratio", 1),
  quality: kpi("quality", "ratio", 1),
  unplannedStopTime: component("unplannedStopTime", "hours", "ST-2"),
  unplannedDowntimeShare: kpi("unplannedDowntimeShare", "ratio", -1, "ME-3"),
  stopCount: component("stopCount", "count", "ST-4"),
  minorStopCount: component("minorStopCount", "count", "ST-4"),
  mttr: kpi("mttr", "duration", -1, "ST-3"),
  mtbf: kpi("mtbf", "duration", 1, "KP-2"),
  meanStopDuration: kpi("meanStopDuration", "duration", -1),
  downtimeFrequency: kpi("downtimeFrequency", "count", -1),
  downtimeCost: kpi("downtimeCost", "money", 0, "CS-1"),
  goodCount: component("goodCount", "quantity", "CN-1", 1),
  targetCount: kpi("targetCount", "quantity", 0),
  scrapCount: component("scrapCount", "quantity", "CN-1"),
  reworkCount: component("reworkCount", "quantity", "CN-1"),
  scrapRatio: kpi("scrapRatio", "ratio", -1),
  throughput: kpi("throughput", "quantity", 1),
  coverage: kpi("coverage", "ratio", 1, "ME-4"),
  loading: kpi("loading", "ratio", 0),
  teep: kpi("teep", "ratio", 1),
};

/** The coverage below which a figure is shown without a verdict (ME-4). */
export const COVERAGE_MIN = 0.8;

export function isWeak({ kpis }: Element): boolean {
  return kpis.coverage === null || kpis.coverage < COVERAGE_MIN;
}

export function textOf(
  { kind }: Measure,
  value: number | null,
  { values, plant, t }: Pick<Desk, "values" | "plant" | "t">,
): string {
  if (kind === "money") return values.money(value, plant.description.currency);
  if (kind === "hours" && value !== null) return t("desk.hours", { value: values.hours(value) });
  return values[kind](value);
}

/** The axis of a measure's chart: texts of its round values, without decimals that say nothing, and of times which values are round. */
export function axisOf(measure: Measure, desk: Pick<Desk, "values" | "plant" | "t" | "format">): Axis {
  const { values, plant, t, format } = desk;
  if (measure.kind === "ratio") return { axis: format.percentShort };
  if (measure.kind === "money") return { axis: (value) => values.moneyShort(value, plant.description.currency) };
  if (measure.kind === "hours") {
    return {
      axis: (value) => t("desk.hours", { value: values.count(value / HOUR_MS) }),
      step: (least) => HOUR_MS * hoursStep(least / HOUR_MS),
    };
  }
  const axis = (value: number): string => textOf(measure, value, desk);
  return measure.kind === "duration" ? { axis, step: durationStep } : { axis };
}

export function labelOf(name: MeasureName): DeskKey {
  return `measure.${name}`;
}
