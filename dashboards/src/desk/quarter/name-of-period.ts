import type { ReviewAnswer } from "@oee/protocol";

/** A period by its name, such as `2026-Q2`, or by two dates of which the second is the first day that no longer belongs. */
export type PeriodName = string | readonly string[];

/** The period that the server names for an answer; the desk cannot name it, for plants' years begin in any month (PE-5). */
export function periodIn(headers: Headers): PeriodName {
  const text = headers.get("oee-period") ?? "";
  return text.includes(",") ? text.split(",") : text;
}

export function periodText(period: PeriodName): string {
  return typeof period === "string" ? period : period.join(" – ");
}

const DAY_MS = 86_400_000;

/** From its first day to its last, as the place writes dates: `to` is the day after. */
export function daysOf(
  { from, to }: Pick<ReviewAnswer, "from" | "to">,
  localDay: (date: string) => string,
): { readonly from: string; readonly to: string } {
  const last = new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10);
  return { from: localDay(from), to: localDay(last) };
}
