/** What questions of the review name: scopes, and periods by name. */
import { formatInstant, type Plant, type Scope, scopeAt } from "@oee/model";
import { type NamedPeriod, nameOfPeriod, periodNamed, periodOf, RELATIVE_PERIODS, relativePeriod } from "@oee/review";
import type { FastifyReply } from "fastify";
import { HttpProblem } from "../problems.ts";
import { tellSpan } from "../tabular/send-table.ts";

/** Whether the scope at a path is `scope` or lies below it. */
export function isWithinScope(plant: Plant, path: string, scope: Scope): boolean {
  for (let at: Scope | null = scopeAt(plant, path) ?? null; at !== null; at = at.parent) if (at === scope) return true;
  return false;
}

/** The period of a parameter such as `2026-Q3`, `this-quarter`, or two dates with a comma. Throws `HttpProblem` where it is none. */
export function namedPeriodOf(parameter: string, text: string, scope: Scope, now: number): NamedPeriod {
  const [first, second, ...more] = text.split(",");
  const isPair = first !== undefined && second !== undefined && more.length === 0;
  const named = isPair ? periodNamed([first, second], scope.periods) : periodNamed(text, scope.periods);
  const period = named ?? relativePeriod(text, scope, now);
  if (period !== null) return period;
  throw new HttpProblem(
    "OEE_HTTP_INVALID_PARAMETER",
    `${parameter} is ${JSON.stringify(text.slice(0, 80))}; expected a period such as 2026-Q3, 2026-07, 2026-W31, 2026-07-04 or 2026-07-01,2026-08-15, or one of ${RELATIVE_PERIODS.join(", ")}`,
    { parameter },
  );
}

/** Most dates of a review, which has a trend by week and month: five years take some seconds. */
const REVIEW_DATES_MAX = 5 * 366;

/** Throws `HttpProblem` where a review of a period would have too many dates. */
export function checkReviewPeriod({ from, to }: NamedPeriod): void {
  if (to - from <= REVIEW_DATES_MAX) return;
  throw new HttpProblem(
    "OEE_HTTP_INVALID_PARAMETER",
    `period has ${to - from} dates; expected at most ${REVIEW_DATES_MAX}, five years`,
    { parameter: "period" },
  );
}

/**
 * Names an answer's period in headers: by a name or two dates that mean the same one later too, where `this-quarter` does not, and
 * by the instants at which it begins and ends. So it does the period before, which it is compared with.
 */
export function tellPeriod(reply: FastifyReply, period: NamedPeriod, scope: Scope): void {
  tellSpan(reply, periodOf(scope.timezone, period));
  const before = periodOf(scope.timezone, period.previous);
  void reply
    .header("oee-previous-from", formatInstant(before.from))
    .header("oee-previous-to", formatInstant(before.to));
  void reply.header("oee-period", [nameOfPeriod(period, scope.periods)].flat().join());
}
