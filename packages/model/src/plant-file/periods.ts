/** How days, weeks and years of an enterprise or a site begin (PE-5); what it does not say it has from above. */
import type { PeriodRules } from "../plant.ts";
import type { Value } from "./value.ts";
import { fieldsOf, oneOf, optional, textOf, unexpected } from "./fields.ts";
import type { Problems } from "./problem.ts";

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** ISO's: midnight, Monday, January. */
export const PERIODS_DEFAULT: PeriodRules = { dayStartMinute: 0, weekStart: 1, yearStartMonth: 1 };

export function readPeriods(value: Value, above: PeriodRules, problems: Problems): PeriodRules {
  const fields = fieldsOf(value, ["dayStart", "weekStart", "yearStart"], [], problems);
  const weekday = optional(fields.weekStart, (day) => oneOf(day, WEEKDAYS, problems));
  return {
    dayStartMinute: optional(fields.dayStart, (time) => dayStartOf(time, problems)) ?? above.dayStartMinute,
    weekStart: weekday === null ? above.weekStart : WEEKDAYS.indexOf(weekday) + 1,
    yearStartMonth: optional(fields.yearStart, (date) => yearStartOf(date, problems)) ?? above.yearStartMonth,
  };
}

function dayStartOf(value: Value, problems: Problems): number | null {
  const expected = "a time of day from 00:00 to 23:59";
  const match = /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(textOf(value, expected, problems) ?? "00:00");
  return match === null ? unexpected(value, expected, problems) : Number(match[1]) * 60 + Number(match[2]);
}

function yearStartOf(value: Value, problems: Problems): number | null {
  const expected = "the 1st of a month such as 04-01";
  const match = /^(0[1-9]|1[0-2])-01$/.exec(textOf(value, expected, problems) ?? "01-01");
  return match === null ? unexpected(value, expected, problems) : Number(match[1]);
}
