/** A goal as people say it (reach 80 %, 5 % more than the baseline, 5 points more) and as the contract has it (TG-1). */
import { MEASURE_NAMES, MEASURES } from "../measures.ts";
import { plainText } from "./plain-text.ts";

export const WAYS = ["reach", "percent", "points"] as const;
export type Way = (typeof WAYS)[number];

/** `number`: as it stands in the field, in the unit of `unitOf`. */
export interface Goal {
  readonly way: Way;
  readonly number: string;
}

/** What a figure to reach is entered in: percent, minutes, or as it is. */
export function unitOf(measure: string): "percent" | "minutes" | "plain" {
  const known = MEASURE_NAMES.find((name) => name === measure);
  // What is no KPI is a share of planned time.
  if (known === undefined) return measure === "" ? "plain" : "percent";
  const { kind } = MEASURES[known];
  return kind === "ratio" ? "percent" : kind === "duration" || kind === "hours" ? "minutes" : "plain";
}

const FACTOR = { percent: 0.01, minutes: 60_000, plain: 1 } as const;

/** As `POST /entries` takes it; what is no number goes as it is, for the server to refuse. */
export function goalValue({ way, number }: Goal, measure: string): number | string {
  const value = Number(number);
  if (number.trim() === "" || !Number.isFinite(value)) return number;
  // 14 digits: 57 percent are 0.57, and not 0.5700000000000001.
  if (way === "reach") return Number((value * FACTOR[unitOf(measure)]).toPrecision(14));
  return `${value < 0 ? "-" : "+"}${Math.abs(value)}${way === "percent" ? "%" : "pp"}`;
}

export function goalIn(value: unknown, measure: string): Goal {
  if (typeof value === "number") {
    return { way: "reach", number: String(Number((value / FACTOR[unitOf(measure)]).toPrecision(14))) };
  }
  const [, number, unit] = /^([+-]?[\d.]+)(%|pp)$/.exec(plainText(value)) ?? [];
  return number === undefined
    ? { way: "reach", number: "" }
    : { way: unit === "pp" ? "points" : "percent", number: String(Number(number)) };
}
