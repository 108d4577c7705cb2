/** Turns a goal from the form (reach 80 %, 5 % more than the baseline, 5 points more) into the API's `value`, and back (TG-1). */
import { MEASURE_NAMES, MEASURES } from "../measures.ts";
import { plainText } from "./plain-text.ts";

export const WAYS = ["reach", "percent", "points"] as const;
export type Way = (typeof WAYS)[number];

/** A goal as the form has it; `number` is the text of the field, in the unit of `unitOf`. */
export interface Goal {
  readonly way: Way;
  readonly number: string;
}

/** The unit in which a value of a measure is entered. */
export function unitOf(measure: string): "percent" | "minutes" | "plain" {
  const known = MEASURE_NAMES.find((name) => name === measure);
  // Measures that are no KPIs are shares of planned time.
  if (known === undefined) return measure === "" ? "plain" : "percent";
  const { kind } = MEASURES[known];
  return kind === "ratio" ? "percent" : kind === "duration" || kind === "hours" ? "minutes" : "plain";
}

const FACTOR = { percent: 0.01, minutes: 60_000, plain: 1 } as const;

/** The `value` of `POST /entries`; a text that is no number is passed on, for the server to refuse. */
export function goalValue({ way, number }: Goal, measure: string): number | string {
  const value = Number(number);
  if (number.trim() === "" || !Number.isFinite(value)) return number;
  // Rounded to 14 digits, so that 57 percent are 0.57 and not 0.5700000000000001.
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
