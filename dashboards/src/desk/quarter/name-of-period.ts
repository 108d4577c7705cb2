import type { ReviewAnswer } from "@oee/protocol";

/** The name of the period between two dates, such as `2026-Q2`; `null`: it has none. */
function named({ from, to }: Pick<ReviewAnswer, "from" | "to">): string | null {
  const [[y1 = "", m1 = "", d1 = ""], [y2 = "", m2 = "", d2 = ""]] = [from.split("-"), to.split("-")];
  if (d1 !== "01" || d2 !== "01") return null;
  const months = (Number(y2) - Number(y1)) * 12 + Number(m2) - Number(m1);
  if (months === 1) return `${y1}-${m1}`;
  if (months === 3 && Number(m1) % 3 === 1) return `${y1}-Q${(Number(m1) + 2) / 3}`;
  return months === 12 && m1 === "01" ? y1 : null;
}

/** A review's period for people: the name of a month, quarter or year, else its dates. */
export function nameOfPeriod(review: Pick<ReviewAnswer, "from" | "to">): string {
  return named(review) ?? `${review.from} – ${review.to}`;
}

/** A review's period as an entry names it: by name or by two dates, never relative to now. */
export function periodOfEntry(review: Pick<ReviewAnswer, "from" | "to">): string | readonly [string, string] {
  return named(review) ?? [review.from, review.to];
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
