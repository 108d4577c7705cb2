/** Computes by arithmetic how much a question about KPIs will cost, before anything is listed, read or computed. */
import type { ReportQuery } from "@oee/answers";
import type { Scope } from "@oee/model";
import { HttpProblem } from "../problems.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The longest length (ms) of a period of each kind, clock changes included. */
const LONGEST_MS = {
  minute: 60_000,
  hour: HOUR_MS,
  day: DAY_MS + HOUR_MS,
  week: 7 * DAY_MS + HOUR_MS,
  month: 31 * DAY_MS + HOUR_MS,
  quarter: 92 * DAY_MS + HOUR_MS,
  year: 366 * DAY_MS + HOUR_MS,
} as const;
/** Shifts a day that an answer is assumed to have. A calendar may have more: its answers are refused only if they are too long with so many. */
const SHIFTS_A_DAY = 6;
/** Days that a zone may have left out by moving over the date line. */
const PERIODS_LEFT_OUT_MAX = 1;

export interface CostLimits {
  /** Scopes × periods. */
  readonly elementsMax: number;
  /** Machines × periods. */
  readonly cellsMax: number;
}

/** The least number of periods that a question can have. */
export function periodsAtLeast({ every, from, to }: Pick<ReportQuery, "every" | "from" | "to">): number {
  if (every === null) return 1;
  if (every === "shift") return Math.ceil((to - from) / DAY_MS + 1) * SHIFTS_A_DAY;
  return Math.max(1, Math.floor((to - from) / LONGEST_MS[every]) - PERIODS_LEFT_OUT_MAX);
}

/** Throws `HttpProblem` where an answer would have more than `elementsMax` elements, or be summed from more than `cellsMax` cells. */
export function checkCost(scopes: readonly Scope[], periods: number, limits: CostLimits): void {
  const elements = scopes.length * periods;
  const machines = scopes.reduce((sum, { members }) => sum + members.length, 0);
  const cells = machines * periods;
  const advice = "ask for a shorter period, longer steps, or fewer scopes";
  if (elements > limits.elementsMax) {
    throw new HttpProblem(
      "OEE_HTTP_TOO_MANY_ELEMENTS",
      `the answer would have about ${elements} elements; expected at most ${limits.elementsMax}: ${advice}`,
    );
  }
  if (cells > limits.cellsMax) {
    throw new HttpProblem(
      "OEE_HTTP_TOO_MANY_ELEMENTS",
      `the answer would be summed from ${machines} machines in about ${periods} periods each; expected at most ${limits.cellsMax} together: ${advice}`,
    );
  }
}
