/**
 * The rule at the end of a TZif file (RFC 9636, section 3.3.1; POSIX `TZ`): what the clocks of a zone do after its last
 * listed change, for ever. `CET-1CEST,M3.5.0,M10.5.0/3` is an hour ahead of UTC, and two from the last Sunday of March to
 * that of October; `MST7` never changes.
 */
const DAY_MS = 86_400_000;

/** One change of each year: the local date by one of POSIX's three ways, and the time of day, which may be negative. */
interface YearlyChange {
  readonly kind: "month-week-day" | "julian" | "day-of-year";
  readonly month: number;
  readonly week: number;
  readonly day: number;
  readonly timeMs: number;
}

export interface PosixRule {
  /** East of UTC (ms). */
  readonly standardMs: number;
  readonly summer: { readonly offsetMs: number; readonly begins: YearlyChange; readonly ends: YearlyChange } | null;
}

const NAME = "(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)";
const TIME = "[+-]?\\d{1,3}(?::\\d{2}){0,2}";
const DATE = "(?:M\\d{1,2}\\.\\d\\.\\d|J\\d{1,3}|\\d{1,3})";
const RULE = new RegExp(`^${NAME}(${TIME})(?:${NAME}(${TIME})?,(${DATE})(?:/(${TIME}))?,(${DATE})(?:/(${TIME}))?)?$`);

/** `null` for a text that is no such rule. */
export function parsePosixRule(text: string): PosixRule | null {
  const parts = RULE.exec(text);
  if (parts === null) return null;
  const [, standard = "", summer, beginDate, beginTime, endDate, endTime] = parts;
  // POSIX counts west of Greenwich.
  const standardMs = 0 - timeOf(standard);
  if (beginDate === undefined || endDate === undefined) return { standardMs, summer: null };
  const begins = changeOf(beginDate, beginTime);
  const ends = changeOf(endDate, endTime);
  const offsetMs = summer === undefined ? standardMs + 3_600_000 : 0 - timeOf(summer);
  return { standardMs, summer: { offsetMs, begins, ends } };
}

/** The changes of a year by time: from when (epoch ms) clocks show which offset (ms). */
export function changesOfYear({ standardMs, summer }: PosixRule, year: number): (readonly [number, number])[] {
  if (summer === null) return [];
  const changes: (readonly [number, number])[] = [
    [localMsOf(summer.begins, year) - standardMs, summer.offsetMs],
    [localMsOf(summer.ends, year) - summer.offsetMs, standardMs],
  ];
  return changes.sort(([a], [b]) => a - b);
}

function changeOf(date: string, time = "2"): YearlyChange {
  const numbers = date.replace(/^[MJ]/, "").split(".").map(Number);
  const [first = 0, week = 0, day = 0] = numbers;
  const timeMs = timeOf(time);
  if (date.startsWith("M")) return { kind: "month-week-day", month: first, week, day, timeMs };
  return { kind: date.startsWith("J") ? "julian" : "day-of-year", month: 1, week: 0, day: first, timeMs };
}

function localMsOf({ kind, month, week, day, timeMs }: YearlyChange, year: number): number {
  const newYear = Date.UTC(year, 0, 1);
  if (kind === "day-of-year") return newYear + day * DAY_MS + timeMs;
  if (kind === "julian") {
    // Day 60 is always the 1st of March: the 29th of February is never counted.
    const leapDay = day >= 60 && Date.UTC(year, 2, 1) - Date.UTC(year, 1, 1) === 29 * DAY_MS ? 1 : 0;
    return newYear + (day - 1 + leapDay) * DAY_MS + timeMs;
  }
  const firstWeekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let date = 1 + ((day - firstWeekday + 7) % 7) + (week - 1) * 7;
  // Week 5 is the last one, where there are only four too.
  if (date > daysInMonth) date -= 7;
  return Date.UTC(year, month - 1, date) + timeMs;
}

/** `5`, `-3:30`, `+00:44:30` (ms). */
function timeOf(text: string): number {
  const negative = text.startsWith("-");
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return negative ? 0 - ms : ms;
}
