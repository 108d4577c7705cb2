/** Measures as reviews, targets and pilots name them (ME-1): KPIs, and shares of planned time by loss or reason. */
import type { Axis } from "./chart/spec.ts";
import type { Desk } from "./desk-context.ts";
import { LOSSES } from "./data/rows.ts";
import { atLeast } from "../shared/format.ts";
import { signedPoints, signedText } from "./signed-points.ts";
import { axisOf, labelOf, MEASURE_NAMES, MEASURES, textOf } from "./measures.ts";
import { HOUR_MS } from "./values.ts";

export function namedMeasureLabel({ t, reasons }: Pick<Desk, "t" | "reasons">, name: string): string {
  const kpi = MEASURE_NAMES.find((known) => known === name);
  if (kpi !== undefined) return t(labelOf(kpi));
  const [kind, rest] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
  if (kind === "reason") return reasons.nameOf(rest);
  const loss = LOSSES.find((known) => kind === "loss" && known === rest);
  if (loss !== undefined) return t(`loss.${loss}`);
  return name === "no-reason" ? t("desk.noReason") : name;
}

/** How a figure of a measure is meant: a difference has its sign, a size of one does not; of shares both are in points. */
export type Meant = "value" | "difference" | "size";

/** The value of a measure as text. */
export function namedMeasureText(desk: Desk, name: string, value: number | null, meant: Meant = "value"): string {
  const kpi = MEASURE_NAMES.find((known) => known === name);
  // Measures that are no KPIs are shares of planned time.
  const written = (size: number | null): string =>
    kpi === undefined ? desk.values.ratio(size) : textOf(MEASURES[kpi], size, desk);
  if (meant === "value" || value === null) return written(value);
  if (kpi === undefined || MEASURES[kpi].kind === "ratio") {
    const points = meant === "size" ? desk.format.points(Math.abs(value)) : signedPoints(desk, value);
    return desk.t("desk.pts", { value: points });
  }
  const least = LEAST[MEASURES[kpi].kind];
  return meant === "size" ? atLeast(Math.abs(value), least, written) : signedText(value, least, written);
}

/** The axis of a measure's chart. */
export function namedMeasureAxis(desk: Desk, name: string): Axis {
  const kpi = MEASURE_NAMES.find((known) => known === name);
  return kpi === undefined ? { axis: desk.format.percentShort } : axisOf(MEASURES[kpi], desk);
}

/** The least size that is not written like 0: ms of durations and hours, else in the unit of the measure. */
const LEAST = {
  ratio: 0.001,
  duration: 1_000,
  hours: HOUR_MS / 100,
  count: 0.01,
  quantity: 0.01,
  money: 0.01,
} as const;
