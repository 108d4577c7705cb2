/**
 * The span of time that a view shows. A relative period stays relative in a link, a pinned one stays pinned. Days, weeks,
 * months and quarters are those that the server answers (PE-2, PE-5): none is computed here.
 */
import type { Element } from "./data/rows.ts";

const ROLLING = ["8h", "24h", "7d", "28d"] as const;
const CALENDAR = {
  today: { every: "day", back: 0, lookback: "now-3d" },
  yesterday: { every: "day", back: 1, lookback: "now-4d" },
  "this-week": { every: "week", back: 0, lookback: "now-22d" },
  "last-week": { every: "week", back: 1, lookback: "now-29d" },
  "this-month": { every: "month", back: 0, lookback: "now-94d" },
  "last-month": { every: "month", back: 1, lookback: "now-125d" },
  "this-quarter": { every: "quarter", back: 0, lookback: "now-280d" },
  "last-quarter": { every: "quarter", back: 1, lookback: "now-380d" },
} as const;

const CALENDAR_NAMES = Object.keys(CALENDAR) as (keyof typeof CALENDAR)[];

export const PERIODS = [...ROLLING, ...CALENDAR_NAMES] as const;
export type PeriodName = (typeof PERIODS)[number];
const PERIOD_DEFAULT = "24h" satisfies PeriodName;

/** A span as the API takes it: instants as RFC 3339 texts, or relative to now. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export type PeriodChoice =
  | { readonly kind: "rolling"; readonly name: (typeof ROLLING)[number] }
  | { readonly kind: "calendar"; readonly name: keyof typeof CALENDAR }
  | { readonly kind: "pinned"; readonly span: Span };

export function periodIn(options: Readonly<Record<string, string>>): PeriodChoice {
  const { from, to, period = PERIOD_DEFAULT } = options;
  if (from !== undefined && to !== undefined) return { kind: "pinned", span: { from, to } };
  const rolling = ROLLING.find((name) => name === period);
  if (rolling !== undefined) return { kind: "rolling", name: rolling };
  const named = CALENDAR_NAMES.find((name) => name === period);
  return named === undefined ? { kind: "rolling", name: PERIOD_DEFAULT } : { kind: "calendar", name: named };
}

export interface Spans {
  readonly span: Span;
  /** The period before it, of the same kind. */
  readonly before: Span;
}

/** The spans of a choice that is not of the calendar. */
export function spansOf(choice: Exclude<PeriodChoice, { kind: "calendar" }>): Spans {
  if (choice.kind === "rolling") {
    const { name } = choice;
    const unit = name.slice(-1);
    const twice = `${Number(name.slice(0, -1)) * 2}${unit}`;
    return { span: { from: `now-${name}`, to: "now" }, before: { from: `now-${twice}`, to: `now-${name}` } };
  }
  const [from, to] = [Date.parse(choice.span.from), Date.parse(choice.span.to)];
  const length = to - from;
  return { span: choice.span, before: { from: new Date(from - length).toISOString(), to: choice.span.from } };
}

/** The parameters of the question by which the server answers where its periods begin. */
export function calendarQuestion(name: keyof typeof CALENDAR): { readonly every: string; readonly from: string } {
  const { every, lookback } = CALENDAR[name];
  return { every, from: lookback };
}

/** The chosen span and the one before, from the server's periods, whose last is the present one; `null` where there are too few. */
export function spansAmong(
  name: keyof typeof CALENDAR,
  periods: readonly Pick<Element, "from" | "to">[],
): Spans | null {
  const { back } = CALENDAR[name];
  const at = periods.length - 1 - back;
  const [span, before] = [periods[at], periods[at - 1]];
  if (span === undefined || before === undefined) return null;
  return {
    span: { from: span.from, to: back === 0 ? "now" : span.to },
    before: { from: before.from, to: before.to },
  };
}
